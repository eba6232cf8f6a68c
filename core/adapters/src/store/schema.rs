//! The tables as diesel sees them. `migrations/` makes them; `migrate` tests that both agree.

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        revision -> Integer,
        definition -> Text,
        anchor_at -> BigInt,
        effective_from -> BigInt,
        pause -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        updated_by -> Text,
        deleted -> Bool,
        change_sequence -> BigInt,
        former -> Nullable<Text>,
        enabled -> Bool,
        paused_until -> Nullable<BigInt>,
        target_group -> Nullable<Text>,
    }
}

diesel::table! {
    job_marks (mark, name) {
        mark -> Text,
        name -> Text,
    }
}

diesel::table! {
    job_revisions (job, revision) {
        job -> BigInt,
        revision -> Integer,
        definition -> Text,
        effective_from -> BigInt,
        pause -> Nullable<Text>,
        updated_at -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    run_marks (mark, run) {
        mark -> Integer,
        run -> Binary,
        job -> BigInt,
    }
}

diesel::table! {
    runs (id) {
        id -> Binary,
        job -> BigInt,
        partition_number -> Integer,
        revision -> Integer,
        due_at -> BigInt,
        created_at -> BigInt,
        state -> Integer,
        node -> Nullable<Text>,
        started_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        exit_code -> Nullable<Integer>,
        exit_signal -> Nullable<Integer>,
        reason -> Nullable<Text>,
        healthy -> Bool,
        trigger_kind -> Integer,
        attempt -> BigInt,
        shard -> BigInt,
        not_before -> Nullable<BigInt>,
        params -> Nullable<Text>,
        user_ms -> Nullable<BigInt>,
        system_ms -> Nullable<BigInt>,
        max_rss_bytes -> Nullable<BigInt>,
        output_bytes -> BigInt,
        output_truncated -> Bool,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    submissions (idempotency_key) {
        idempotency_key -> Text,
        run -> Binary,
    }
}

diesel::table! {
    /// On servers the watermark is in a table of its own.
    partitions (partition_number) {
        partition_number -> Integer,
        owner -> Text,
        epoch -> BigInt,
        watermark -> BigInt,
    }
}

diesel::table! {
    /// On servers only.
    watermarks (partition_number) {
        partition_number -> Integer,
        watermark -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(runs, submissions, jobs, job_revisions);

diesel::table! {
    alert_events (id) {
        id -> Binary,
        kind -> Text,
        job -> Nullable<BigInt>,
        handled -> Bool,
        document -> Text,
    }
}

diesel::table! {
    alert_states (id) {
        id -> Binary,
        kind -> Text,
        epoch -> BigInt,
        acknowledgement -> Nullable<Text>,
        document -> Text,
    }
}

diesel::table! {
    alert_deliveries (id) {
        id -> Binary,
        channel -> Text,
        progress -> Integer,
        created_at -> BigInt,
        due_at -> BigInt,
        document -> Text,
    }
}

diesel::table! {
    alert_silences (id) {
        id -> Binary,
        until_at -> BigInt,
        document -> Text,
    }
}

diesel::table! {
    account_users (name) {
        name -> Text,
        revision -> BigInt,
        identity -> Nullable<Text>,
        signed_in_at -> Nullable<BigInt>,
        document -> Text,
    }
}

diesel::table! {
    account_tokens (hash) {
        hash -> Binary,
        name -> Text,
        used_at -> Nullable<BigInt>,
        document -> Text,
    }
}

diesel::table! {
    account_sessions (hash) {
        hash -> Binary,
        holder -> Integer,
        name -> Text,
        generation -> BigInt,
        opened_at -> BigInt,
        used_at -> BigInt,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Binary,
        actor -> Text,
        action -> Text,
        object_kind -> Text,
        object_name -> Text,
        document -> Text,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text,
        version -> BigInt,
        document -> Text,
    }
}
