"""A FastAPI service whose users sign in at Doorward."""
