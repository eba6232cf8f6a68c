DROP TABLE IF EXISTS account_sessions;
DROP TABLE IF EXISTS account_tokens;
DROP TABLE IF EXISTS account_users;
