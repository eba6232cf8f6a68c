DROP TABLE IF EXISTS alert_silences;
DROP TABLE IF EXISTS alert_deliveries;
DROP TABLE IF EXISTS alert_states;
DROP TABLE IF EXISTS alert_events;
