-- Who was told what and when, and who has acknowledged it; and which mail carries which messages.
create table notice (
    org {{uuid}} not null,
    id {{uuid}} not null,
    key text not null,
    record {{uuid}} not null,
    person {{uuid}} not null,
    receipt bigint not null,
    doc {{json}} not null,
    told_at {{timestamp}} not null,
    acknowledged_at {{timestamp}},
    primary key (org, id)
);
create unique index notice_key on notice (org, key);
create index notice_person on notice (org, person, acknowledged_at, told_at);
create index notice_record on notice (org, record, told_at);

-- A rule of the handbook that somebody has read and confirmed, in the edition that was shown.
create table rule_acknowledgement (
    org {{uuid}} not null,
    person {{uuid}} not null,
    pack text not null,
    rule text not null,
    edition text not null,
    at {{timestamp}} not null,
    primary key (org, person, pack, rule, edition)
);

-- The mail that a message was put into when it was first claimed: a mail that is sent again is the same mail.
alter table outbox add column letter {{uuid}};
