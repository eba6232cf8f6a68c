CREATE TABLE `__diesel_schema_migrations` (
  `version` varchar(50) NOT NULL,
  `run_on` timestamp NOT NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`version`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `account_sessions` (
  `hash` binary(32) NOT NULL,
  `holder` int(11) NOT NULL,
  `name` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `generation` bigint(20) NOT NULL,
  `opened_at` bigint(20) NOT NULL,
  `used_at` bigint(20) NOT NULL,
  PRIMARY KEY (`hash`),
  KEY `account_sessions_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `account_tokens` (
  `hash` binary(32) NOT NULL,
  `name` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `used_at` bigint(20) DEFAULT NULL,
  `document` longtext NOT NULL,
  PRIMARY KEY (`hash`),
  UNIQUE KEY `account_tokens_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `account_users` (
  `name` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `revision` bigint(20) NOT NULL,
  `identity` varchar(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  `signed_in_at` bigint(20) DEFAULT NULL,
  `document` longtext NOT NULL,
  PRIMARY KEY (`name`),
  UNIQUE KEY `account_users_identity` (`identity`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `alert_deliveries` (
  `id` binary(16) NOT NULL,
  `channel` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `progress` int(11) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `due_at` bigint(20) NOT NULL,
  `document` longtext NOT NULL,
  PRIMARY KEY (`id`),
  KEY `alert_deliveries_due` (`progress`,`due_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `alert_events` (
  `id` binary(16) NOT NULL,
  `kind` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `job` bigint(20) DEFAULT NULL,
  `handled` tinyint(1) NOT NULL DEFAULT 0,
  `document` longtext NOT NULL,
  PRIMARY KEY (`id`),
  KEY `alert_events_new` (`handled`,`id`),
  KEY `alert_events_job` (`job`,`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `alert_silences` (
  `id` binary(16) NOT NULL,
  `until_at` bigint(20) NOT NULL,
  `document` longtext NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `alert_states` (
  `id` binary(16) NOT NULL,
  `kind` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `epoch` bigint(20) NOT NULL DEFAULT 0,
  `acknowledgement` longtext DEFAULT NULL,
  `document` longtext NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `audit_entries` (
  `id` binary(16) NOT NULL,
  `actor` varchar(255) NOT NULL,
  `action` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `object_kind` varchar(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `object_name` varchar(255) NOT NULL,
  `document` longtext NOT NULL,
  PRIMARY KEY (`id`),
  KEY `audit_entries_actor` (`actor`,`id`),
  KEY `audit_entries_action` (`action`,`id`),
  KEY `audit_entries_object` (`object_name`,`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `counters` (
  `name` varchar(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `value` bigint(20) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `job_marks` (
  `mark` varchar(400) NOT NULL,
  `name` varchar(128) NOT NULL,
  PRIMARY KEY (`mark`,`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `job_revisions` (
  `job` bigint(20) NOT NULL,
  `revision` int(11) NOT NULL,
  `definition` longtext NOT NULL,
  `effective_from` bigint(20) NOT NULL,
  `pause` longtext DEFAULT NULL,
  `updated_at` bigint(20) NOT NULL,
  `updated_by` text NOT NULL,
  PRIMARY KEY (`job`,`revision`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `jobs` (
  `id` bigint(20) NOT NULL,
  `name` varchar(128) DEFAULT NULL,
  `revision` int(11) NOT NULL,
  `definition` longtext NOT NULL,
  `anchor_at` bigint(20) NOT NULL,
  `effective_from` bigint(20) NOT NULL,
  `pause` longtext DEFAULT NULL,
  `created_at` bigint(20) NOT NULL,
  `updated_at` bigint(20) NOT NULL,
  `updated_by` text NOT NULL,
  `deleted` tinyint(1) NOT NULL DEFAULT 0,
  `change_sequence` bigint(20) NOT NULL,
  `enabled` tinyint(1) NOT NULL,
  `paused_until` bigint(20) DEFAULT NULL,
  `target_group` text DEFAULT NULL,
  `former` longtext DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `jobs_change_sequence` (`change_sequence`),
  UNIQUE KEY `jobs_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `partitions` (
  `partition_number` int(11) NOT NULL,
  `owner` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `epoch` bigint(20) NOT NULL,
  PRIMARY KEY (`partition_number`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `run_marks` (
  `mark` int(11) NOT NULL,
  `run` binary(16) NOT NULL,
  `job` bigint(20) NOT NULL,
  PRIMARY KEY (`mark`,`run`),
  KEY `run_marks_job` (`job`,`mark`,`run`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `runs` (
  `id` binary(16) NOT NULL,
  `job` bigint(20) NOT NULL,
  `partition_number` int(11) NOT NULL,
  `revision` int(11) NOT NULL,
  `due_at` bigint(20) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `state` int(11) NOT NULL DEFAULT 0,
  `node` varchar(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
  `started_at` bigint(20) DEFAULT NULL,
  `ended_at` bigint(20) DEFAULT NULL,
  `exit_code` int(11) DEFAULT NULL,
  `exit_signal` int(11) DEFAULT NULL,
  `reason` mediumtext DEFAULT NULL,
  `healthy` tinyint(1) NOT NULL DEFAULT 0,
  `trigger_kind` int(11) NOT NULL DEFAULT 0,
  `attempt` bigint(20) NOT NULL DEFAULT 1,
  `shard` bigint(20) NOT NULL DEFAULT 0,
  `not_before` bigint(20) DEFAULT NULL,
  `params` longtext DEFAULT NULL,
  `user_ms` bigint(20) DEFAULT NULL,
  `system_ms` bigint(20) DEFAULT NULL,
  `max_rss_bytes` bigint(20) DEFAULT NULL,
  `output_bytes` bigint(20) NOT NULL DEFAULT 0,
  `output_truncated` tinyint(1) NOT NULL DEFAULT 0,
  `is_over` tinyint(1) GENERATED ALWAYS AS (`state` >= 10) STORED,
  `note` mediumtext DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `runs_job` (`job`),
  KEY `runs_unfinished` (`is_over`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `secrets` (
  `name` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` bigint(20) NOT NULL,
  `document` longtext NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE `submissions` (
  `idempotency_key` varbinary(512) NOT NULL,
  `run` binary(16) NOT NULL,
  PRIMARY KEY (`idempotency_key`),
  KEY `submissions_run` (`run`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
CREATE TABLE `watermarks` (
  `partition_number` int(11) NOT NULL,
  `watermark` bigint(20) NOT NULL,
  PRIMARY KEY (`partition_number`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;

INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000001', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000002', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000003', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000004', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000005', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000006', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000007', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000008', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000009', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261122000010', '2026-11-23 07:08:17');
INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20261123000011', '2026-11-23 07:08:18');
