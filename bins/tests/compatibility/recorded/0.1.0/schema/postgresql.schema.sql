CREATE TABLE public.__diesel_schema_migrations (
    version character varying(50) NOT NULL,
    run_on timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE TABLE public.account_sessions (
    hash bytea NOT NULL,
    holder integer NOT NULL,
    name text NOT NULL,
    generation bigint NOT NULL,
    opened_at bigint NOT NULL,
    used_at bigint NOT NULL
);
CREATE TABLE public.account_tokens (
    hash bytea NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    used_at bigint,
    document text NOT NULL
);
CREATE TABLE public.account_users (
    name text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    identity text,
    signed_in_at bigint,
    document text NOT NULL
);
CREATE TABLE public.alert_deliveries (
    id bytea NOT NULL,
    channel text NOT NULL,
    progress integer NOT NULL,
    created_at bigint NOT NULL,
    due_at bigint NOT NULL,
    document text NOT NULL
);
CREATE TABLE public.alert_events (
    id bytea NOT NULL,
    kind text NOT NULL,
    job bigint,
    handled boolean DEFAULT false NOT NULL,
    document text NOT NULL
);
CREATE TABLE public.alert_silences (
    id bytea NOT NULL,
    until_at bigint NOT NULL,
    document text NOT NULL
);
CREATE TABLE public.alert_states (
    id bytea NOT NULL,
    kind text NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    acknowledgement text,
    document text NOT NULL
);
CREATE TABLE public.audit_entries (
    id bytea NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_name text NOT NULL,
    document text NOT NULL
);
CREATE TABLE public.counters (
    name text NOT NULL,
    value bigint NOT NULL
);
CREATE TABLE public.job_marks (
    mark text NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.job_revisions (
    job bigint NOT NULL,
    revision integer NOT NULL,
    definition text NOT NULL,
    effective_from bigint NOT NULL,
    pause text,
    updated_at bigint NOT NULL,
    updated_by text NOT NULL
);
CREATE TABLE public.jobs (
    id bigint NOT NULL,
    name text COLLATE pg_catalog."C",
    revision integer NOT NULL,
    definition text NOT NULL,
    anchor_at bigint NOT NULL,
    effective_from bigint NOT NULL,
    pause text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    updated_by text NOT NULL,
    deleted boolean DEFAULT false NOT NULL,
    change_sequence bigint NOT NULL,
    enabled boolean NOT NULL,
    paused_until bigint,
    target_group text,
    former text
);
CREATE TABLE public.partitions (
    partition_number integer NOT NULL,
    owner text NOT NULL,
    epoch bigint NOT NULL
);
CREATE TABLE public.run_marks (
    mark integer NOT NULL,
    run bytea NOT NULL,
    job bigint NOT NULL
);
CREATE TABLE public.runs (
    id bytea NOT NULL,
    job bigint NOT NULL,
    partition_number integer NOT NULL,
    revision integer NOT NULL,
    due_at bigint NOT NULL,
    created_at bigint NOT NULL,
    state integer DEFAULT 0 NOT NULL,
    node text,
    started_at bigint,
    ended_at bigint,
    exit_code integer,
    exit_signal integer,
    reason text,
    healthy boolean DEFAULT false NOT NULL,
    trigger_kind integer DEFAULT 0 NOT NULL,
    attempt bigint DEFAULT 1 NOT NULL,
    shard bigint DEFAULT 0 NOT NULL,
    not_before bigint,
    params text,
    user_ms bigint,
    system_ms bigint,
    max_rss_bytes bigint,
    output_bytes bigint DEFAULT 0 NOT NULL,
    output_truncated boolean DEFAULT false NOT NULL,
    note text
)
WITH (fillfactor='45');
CREATE TABLE public.secrets (
    name text NOT NULL,
    version bigint NOT NULL,
    document text NOT NULL
);
CREATE TABLE public.submissions (
    idempotency_key text NOT NULL COLLATE pg_catalog."C",
    run bytea NOT NULL
);
CREATE TABLE public.unfinished_runs (
    id bytea NOT NULL,
    partition_number integer NOT NULL
);
CREATE TABLE public.watermarks (
    partition_number integer NOT NULL,
    watermark bigint NOT NULL
)
WITH (fillfactor='20');
ALTER TABLE ONLY public.__diesel_schema_migrations
    ADD CONSTRAINT __diesel_schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.account_sessions
    ADD CONSTRAINT account_sessions_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.account_tokens
    ADD CONSTRAINT account_tokens_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.account_users
    ADD CONSTRAINT account_users_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.alert_deliveries
    ADD CONSTRAINT alert_deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_events
    ADD CONSTRAINT alert_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_silences
    ADD CONSTRAINT alert_silences_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_states
    ADD CONSTRAINT alert_states_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT audit_entries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.job_marks
    ADD CONSTRAINT job_marks_pkey PRIMARY KEY (mark, name);
ALTER TABLE ONLY public.job_revisions
    ADD CONSTRAINT job_revisions_pkey PRIMARY KEY (job, revision);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.partitions
    ADD CONSTRAINT partitions_pkey PRIMARY KEY (partition_number);
ALTER TABLE ONLY public.run_marks
    ADD CONSTRAINT run_marks_pkey PRIMARY KEY (mark, run);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.submissions
    ADD CONSTRAINT submissions_pkey PRIMARY KEY (idempotency_key);
ALTER TABLE ONLY public.unfinished_runs
    ADD CONSTRAINT unfinished_runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.watermarks
    ADD CONSTRAINT watermarks_pkey PRIMARY KEY (partition_number);
CREATE INDEX account_sessions_name ON public.account_sessions USING btree (name);
CREATE UNIQUE INDEX account_tokens_name ON public.account_tokens USING btree (name);
CREATE UNIQUE INDEX account_users_identity ON public.account_users USING btree (identity);
CREATE INDEX alert_deliveries_due ON public.alert_deliveries USING btree (due_at, id) WHERE (progress = 0);
CREATE INDEX alert_events_job ON public.alert_events USING btree (job, id);
CREATE INDEX alert_events_new ON public.alert_events USING btree (id) WHERE (NOT handled);
CREATE INDEX audit_entries_action ON public.audit_entries USING btree (action, id);
CREATE INDEX audit_entries_actor ON public.audit_entries USING btree (actor, id);
CREATE INDEX audit_entries_object ON public.audit_entries USING btree (object_name, id);
CREATE UNIQUE INDEX jobs_change_sequence ON public.jobs USING btree (change_sequence);
CREATE UNIQUE INDEX jobs_name ON public.jobs USING btree (name);
CREATE INDEX run_marks_job ON public.run_marks USING btree (job, mark, run);
CREATE INDEX runs_job ON public.runs USING btree (job, id);
CREATE INDEX submissions_run ON public.submissions USING btree (run);

INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000001', '2026-11-23 07:08:22.833549');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000002', '2026-11-23 07:08:22.878753');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000003', '2026-11-23 07:08:22.914826');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000004', '2026-11-23 07:08:22.937299');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000005', '2026-11-23 07:08:22.938461');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000006', '2026-11-23 07:08:22.939455');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000007', '2026-11-23 07:08:22.995563');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000008', '2026-11-23 07:08:23.042803');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000009', '2026-11-23 07:08:23.06279');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261122000010', '2026-11-23 07:08:23.090707');
INSERT INTO public.__diesel_schema_migrations (version, run_on) VALUES ('20261123000011', '2026-11-23 07:08:23.106742');
