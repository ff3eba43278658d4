-- `id` is the row of the full-text table; a plain rowid could change when the file is compacted.
create table search_document (
    id integer not null primary key,
    org blob not null,
    record blob not null,
    register text not null,
    body text not null
);
create unique index search_document_record on search_document (org, record);
create virtual table search_index using fts5(words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');
insert into search_index (search_index, rank) values ('secure-delete', 1);
