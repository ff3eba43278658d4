-- The log can only grow.
create trigger event_no_update before update on event begin select raise(abort, 'event is append-only'); end;
create trigger event_no_delete before delete on event begin select raise(abort, 'event is append-only'); end;
create trigger checkpoint_no_update before update on checkpoint begin select raise(abort, 'checkpoint is append-only'); end;
create trigger checkpoint_no_delete before delete on checkpoint begin select raise(abort, 'checkpoint is append-only'); end;
