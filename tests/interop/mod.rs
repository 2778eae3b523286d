//! Interop: relying parties that we did not write. Those of other languages are beside this file.

mod openidconnect;
