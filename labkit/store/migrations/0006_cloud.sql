-- A run may be done elsewhere: where, as what it is known there, and what it has cost so far.
ALTER TABLE labkit.run
    DROP CONSTRAINT run_state_check,
    ADD CONSTRAINT run_state_check CHECK (state IN ('queued', 'running', 'done', 'stopped', 'failed')),
    ADD COLUMN place   text NOT NULL DEFAULT 'here',
    ADD COLUMN remote  jsonb,
    ADD COLUMN dollars numeric;

-- What a run elsewhere told, each event once: whoever follows it goes on after the last of these.
CREATE TABLE labkit.run_event (
    run_id bigint NOT NULL REFERENCES labkit.run,
    number integer NOT NULL,
    event  jsonb NOT NULL,
    PRIMARY KEY (run_id, number)
);
