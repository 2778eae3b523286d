//! Every path that this server answers, once.

pub const DISCOVERY_OPENID: &str = "/.well-known/openid-configuration";
pub const DISCOVERY_OAUTH: &str = "/.well-known/oauth-authorization-server";
pub const CHANGE_PASSWORD: &str = "/.well-known/change-password";

pub const AUTHORIZE: &str = "/oauth2/authorize";
pub const TOKEN: &str = "/oauth2/token";
pub const USERINFO: &str = "/oauth2/userinfo";
pub const JWKS: &str = "/oauth2/jwks";
pub const INTROSPECT: &str = "/oauth2/introspect";
pub const REVOKE: &str = "/oauth2/revoke";
pub const END_SESSION: &str = "/oauth2/logout";
pub const PAR: &str = "/oauth2/par";
pub const DEVICE_AUTHORIZATION: &str = "/oauth2/device_authorization";
pub const CLIENT_REGISTRATION: &str = "/oauth2/register";

pub const HOME: &str = "/";
pub const LOGIN: &str = "/login";
pub const REGISTER: &str = "/register";
pub const CONFIRM_SIGN_UP: &str = "/register/confirm";
pub const VERIFY_EMAIL: &str = "/verify-email";
pub const RECOVER: &str = "/recover";
pub const RESET_PASSWORD: &str = "/reset-password";
pub const CONFIRM_EMAIL: &str = "/confirm-email";
pub const KEEP_ACCOUNT: &str = "/keep-account";
pub const CONSENT: &str = "/consent";
pub const LOGOUT: &str = "/logout";
pub const LOGOUT_CONFIRM: &str = "/logout/confirm";
pub const LOGOUT_NOTIFY: &str = "/logout/notify";
pub const LOGOUT_DONE: &str = "/logout/done";
pub const DEVICE: &str = "/device";
pub const UPSTREAM: &str = "/upstream";
pub const UPSTREAM_FINISH: &str = "/upstream/finish";
pub const UPSTREAM_ONWARD: &str = "/upstream/onward";
pub const CLIENT_LOGO: &str = "/client-logo";

pub const ACCOUNT: &str = "/account";
pub const ACCOUNT_PROFILE: &str = "/account/profile";
pub const ACCOUNT_PASSWORD: &str = "/account/password";
pub const ACCOUNT_VERIFY: &str = "/account/verify-email";
pub const ACCOUNT_SESSIONS_REVOKE: &str = "/account/sessions/revoke";
pub const ACCOUNT_SESSIONS_REVOKE_OTHERS: &str = "/account/sessions/revoke-others";
pub const ACCOUNT_APPS: &str = "/account/apps";
pub const ACCOUNT_APPS_REVOKE: &str = "/account/apps/revoke";
pub const ACCOUNT_LINKED: &str = "/account/linked";
pub const ACCOUNT_LINKED_UNLINK: &str = "/account/linked/unlink";
pub const ACCOUNT_SECURITY: &str = "/account/security";
pub const ACCOUNT_SESSIONS: &str = "/account/sessions";
pub const ACCOUNT_ACTIVITY: &str = "/account/activity";
pub const ACCOUNT_EMAIL: &str = "/account/email";
pub const ACCOUNT_EXPORT: &str = "/account/export";
pub const ACCOUNT_DELETE: &str = "/account/delete";

pub const PLAYGROUND: &str = "/playground";
pub const PLAYGROUND_START: &str = "/playground/start";
pub const PLAYGROUND_CALLBACK: &str = "/playground/callback";
pub const PLAYGROUND_USERINFO: &str = "/playground/userinfo";
pub const PLAYGROUND_REFRESH: &str = "/playground/refresh";
pub const DEV_MAIL: &str = "/dev/mail";

pub const API: &str = "/api";
pub const API_AUTH: &str = "/api/auth";
pub const API_ADMIN: &str = "/api/admin";
pub const API_SIGN_UP_EMAIL: &str = "/api/auth/sign-up/email";
pub const API_SIGN_IN_EMAIL: &str = "/api/auth/sign-in/email";
pub const API_VERIFY_EMAIL: &str = "/api/auth/verify-email";
pub const API_JWKS: &str = "/api/auth/jwks";
pub const API_GET_SESSION: &str = "/api/auth/get-session";
pub const API_RESET_PASSWORD: &str = "/api/auth/reset-password";
pub const API_DOCS: &str = "/api/docs";
pub const API_DOCUMENT: &str = "/api/openapi.yaml";

pub const STYLE: &str = "/static/style.css";
pub const LIVEZ: &str = "/livez";
pub const READYZ: &str = "/readyz";
