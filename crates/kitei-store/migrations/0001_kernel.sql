-- The kernel's tables. Words in double braces become each engine's type. Every key begins with the organization.
-- No key to the organization's own row: an organization is never deleted, and every act has locked its row already.

create table organization (
    org {{uuid}} not null primary key,
    slug text not null unique,
    name text not null,
    zone text not null,
    created_at {{timestamp}} not null,
    log_size bigint not null,
    log_frontier {{bytes}} not null,
    next_leaf bigint not null,
    constraint organization_counts check (log_size >= 0 and next_leaf >= 0)
);

-- The evidence log. `bytes` are the canonical bytes whose hash is the leaf.
create table event (
    org {{uuid}} not null,
    seq bigint not null,
    at {{timestamp}} not null,
    kind text not null,
    subject {{uuid}},
    actor {{uuid}},
    bytes {{bytes}} not null,
    leaf_hash {{bytes}} not null,
    primary key (org, seq)
);
create index event_subject on event (org, subject, seq);
create index event_kind on event (org, kind, seq);

-- Complete subtrees of level 8, 16, …: with the leaves, everything a proof needs in a few reads.
create table merkle_node (
    org {{uuid}} not null,
    level bigint not null,
    position bigint not null,
    hash {{bytes}} not null,
    primary key (org, level, position)
) {{clustered}};

create table checkpoint (
    org {{uuid}} not null,
    size bigint not null,
    at {{timestamp}} not null,
    root {{bytes}} not null,
    note text not null,
    primary key (org, size)
);

create table record (
    org {{uuid}} not null,
    id {{uuid}} not null,
    register text not null,
    number text not null,
    state text not null,
    version bigint not null,
    leaf bigint not null,
    doc {{json}} not null,
    known_at {{timestamp}},
    created_at {{timestamp}} not null,
    updated_at {{timestamp}} not null,
    closed_at {{timestamp}},
    erased_at {{timestamp}},
    rulebook bigint not null,
    valid_until {{timestamp}},
    primary key (org, id),
    constraint record_version check (version >= 1)
);
create unique index record_number on record (org, register, number);
create index record_state on record (org, register, state, number);
create index record_updated on record (org, register, updated_at);
create index record_due on record (org, valid_until);

create table line (
    org {{uuid}} not null,
    record {{uuid}} not null,
    list text not null,
    id {{uuid}} not null,
    position bigint not null,
    leaf bigint,
    doc {{json}} not null,
    state text not null,
    erased_at {{timestamp}},
    primary key (org, record, list, id),
    foreign key (org, record) references record (org, id)
);
create index line_position on line (org, record, list, position);

-- Open fields that lists filter and sort by. One row a value: `position` counts the values of a field.
create table record_value (
    org {{uuid}} not null,
    record {{uuid}} not null,
    field text not null,
    position bigint not null,
    register text not null,
    text_value text,
    number_value bigint,
    primary key (org, record, field, position),
    foreign key (org, record) references record (org, id)
) {{clustered}};
create index record_value_text on record_value (org, register, field, text_value, record);
create index record_value_number on record_value (org, register, field, number_value, record);

create table link (
    org {{uuid}} not null,
    source {{uuid}} not null,
    field text not null,
    target {{uuid}} not null,
    primary key (org, source, field, target),
    foreign key (org, source) references record (org, id)
) {{clustered}};
create index link_target on link (org, target, field, source);

create table deed (
    org {{uuid}} not null,
    record {{uuid}} not null,
    act text not null,
    line {{uuid}} not null,
    round bigint not null,
    status text not null,
    actor {{uuid}},
    happened_at {{timestamp}},
    recorded_at {{timestamp}} not null,
    doc {{json}} not null,
    primary key (org, record, act, line, round)
);

create table task (
    org {{uuid}} not null,
    record {{uuid}} not null,
    act text not null,
    line {{uuid}} not null,
    round bigint not null,
    register text not null,
    status text not null,
    due_at {{timestamp}},
    warn_at {{timestamp}},
    doc {{json}} not null,
    updated_at {{timestamp}} not null,
    primary key (org, record, act, line, round)
);
create index task_due on task (org, status, due_at);

create table task_who (
    org {{uuid}} not null,
    record {{uuid}} not null,
    act text not null,
    line {{uuid}} not null,
    round bigint not null,
    role text not null,
    department {{uuid}} not null,
    person {{uuid}} not null,
    primary key (org, record, act, line, round, role, department, person),
    foreign key (org, record, act, line, round) references task (org, record, act, line, round)
) {{clustered}};
create index task_who_person on task_who (org, person);
create index task_who_role on task_who (org, role, department);

create table proposal (
    org {{uuid}} not null,
    id {{uuid}} not null,
    record {{uuid}} not null,
    kind text not null,
    state text not null,
    doc {{json}} not null,
    created_at {{timestamp}} not null,
    effective_from {{date}},
    decided_at {{timestamp}},
    primary key (org, id)
);
create index proposal_record on proposal (org, record);
create index proposal_state on proposal (org, state, effective_from);

create table attachment (
    org {{uuid}} not null,
    id {{uuid}} not null,
    record {{uuid}} not null,
    line {{uuid}} not null,
    name text not null,
    media_type text not null,
    bytes bigint not null,
    blob text not null,
    leaf bigint not null,
    created_at {{timestamp}} not null,
    erased_at {{timestamp}},
    primary key (org, id)
);
create index attachment_record on attachment (org, record);
create index attachment_blob on attachment (blob);

create table pack (
    org {{uuid}} not null,
    hash text not null,
    bytes {{bytes}} not null,
    primary key (org, hash)
);

create table rulebook (
    org {{uuid}} not null,
    version bigint not null,
    effective_from {{date}} not null,
    adopted_at {{timestamp}} not null,
    doc {{json}} not null,
    primary key (org, version)
);

create table counter (
    org {{uuid}} not null,
    register text not null,
    year bigint not null,
    next bigint not null,
    primary key (org, register, year)
) {{clustered}};

create table account (
    org {{uuid}} not null,
    person {{uuid}} not null,
    login text not null,
    password text,
    totp text,
    state text not null,
    doc {{json}} not null,
    created_at {{timestamp}} not null,
    updated_at {{timestamp}} not null,
    primary key (org, person)
);
create unique index account_login on account (org, login);

create table session (
    org {{uuid}} not null,
    id {{bytes}} not null,
    person {{uuid}} not null,
    created_at {{timestamp}} not null,
    seen_at {{timestamp}} not null,
    expires_at {{timestamp}} not null,
    client text not null,
    doc {{json}} not null,
    primary key (org, id),
    foreign key (org, person) references account (org, person)
);
create index session_person on session (org, person);
create index session_expires on session (org, expires_at);

create table login_failure (
    org {{uuid}} not null,
    login text not null,
    client text not null,
    at {{timestamp}} not null
);
create index login_failure_login on login_failure (org, login, client, at);
create index login_failure_client on login_failure (org, client, at);
create index login_failure_at on login_failure (org, at);

create table outbox (
    org {{uuid}} not null,
    id {{uuid}} not null,
    key text not null,
    kind text not null,
    payload {{json}} not null,
    next_at {{timestamp}} not null,
    attempts bigint not null,
    sent_at {{timestamp}},
    failed_at {{timestamp}},
    error text,
    created_at {{timestamp}} not null,
    primary key (org, id)
);
create unique index outbox_key on outbox (org, key);
create index outbox_next on outbox (sent_at, failed_at, next_at);

create table job (
    org {{uuid}} not null,
    id {{uuid}} not null,
    kind text not null,
    key text not null,
    payload {{json}} not null,
    run_at {{timestamp}} not null,
    attempts bigint not null,
    locked_until {{timestamp}},
    done_at {{timestamp}},
    error text,
    progress bigint not null,
    total bigint not null,
    primary key (org, id)
);
create unique index job_key on job (org, kind, key);
create index job_next on job (done_at, run_at);

create table idempotency (
    org {{uuid}} not null,
    key text not null,
    outcome {{json}} not null,
    at {{timestamp}} not null,
    primary key (org, key)
);
create index idempotency_at on idempotency (org, at);

create table setting (
    org {{uuid}} not null,
    key text not null,
    doc {{json}} not null,
    primary key (org, key)
);

create table import_batch (
    org {{uuid}} not null,
    id {{uuid}} not null,
    register text not null,
    state text not null,
    doc {{json}} not null,
    created_at {{timestamp}} not null,
    primary key (org, id)
);

create table blind_token (
    org {{uuid}} not null,
    register text not null,
    field text not null,
    token bigint not null,
    record {{uuid}} not null,
    epoch bigint not null,
    primary key (org, register, field, token, record)
) {{clustered}};
create index blind_token_record on blind_token (org, record);
create index blind_token_epoch on blind_token (org, epoch, record);
