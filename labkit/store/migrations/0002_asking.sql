-- A row is a question to an LLM: answered (it has a reply), failed (it has an error), or being asked
-- (it has a holder, whose claim ends at held_until unless it is renewed).
ALTER TABLE labkit.reply
    ALTER COLUMN reply DROP NOT NULL,
    ADD COLUMN finish     text NOT NULL DEFAULT '',
    ADD COLUMN tokens_in  integer,
    ADD COLUMN tokens_out integer,
    ADD COLUMN dollars    numeric,
    ADD COLUMN seconds    real,
    ADD COLUMN confidence real CHECK (confidence BETWEEN 0 AND 1),
    ADD COLUMN error      text,
    ADD COLUMN holder     uuid,
    ADD COLUMN held_until timestamptz,
    ADD CHECK (reply IS NOT NULL OR error IS NOT NULL OR holder IS NOT NULL),
    ADD CHECK (reply IS NULL OR (error IS NULL AND holder IS NULL)),
    ADD CHECK ((holder IS NULL) = (held_until IS NULL));
CREATE INDEX reply_holder ON labkit.reply (holder) WHERE holder IS NOT NULL;
