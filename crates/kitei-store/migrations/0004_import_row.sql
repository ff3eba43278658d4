-- The rows of an import, as evidence: `bytes` are canonical bytes, `leaf_hash` their leaf in the batch's own tree, whose
-- root the event of the import holds. Rows are written before that event and never change.
create table import_row (
    org {{uuid}} not null,
    batch {{uuid}} not null,
    position bigint not null,
    kind text not null,
    record {{uuid}} not null,
    bytes {{bytes}} not null,
    leaf_hash {{bytes}} not null,
    primary key (org, batch, position)
);
create index import_row_record on import_row (org, record);
