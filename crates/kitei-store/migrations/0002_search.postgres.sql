create table search_document (
    org uuid not null,
    record uuid not null,
    register text not null,
    body text not null,
    words tsvector not null,
    primary key (org, record)
);
create index search_document_words on search_document using gin (words);
