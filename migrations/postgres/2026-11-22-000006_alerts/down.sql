DROP TABLE alert_silences;
DROP TABLE alert_deliveries;
DROP TABLE alert_states;
DROP TABLE alert_events;
