-- The log can only grow.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'KT001', message = tg_table_name || ' is append-only';
end
$$;
create trigger event_append_only before update or delete or truncate on event
    for each statement execute function refuse_change();
create trigger checkpoint_append_only before update or delete or truncate on checkpoint
    for each statement execute function refuse_change();

-- Texts compare by code point, as SQLite compares them, so that both engines list in the same order.
alter table record alter column number type text collate "C";
alter table record alter column state type text collate "C";
alter table record_value alter column text_value type text collate "C";
