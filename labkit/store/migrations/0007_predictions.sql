-- What a trained model says of a text beyond the project's own: the text itself is not kept, only its key and its hash.
CREATE TABLE labkit.prediction (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id     bigint NOT NULL REFERENCES labkit.run,
    key        text NOT NULL,
    hash       text NOT NULL,
    source     text NOT NULL,
    value      jsonb NOT NULL,
    scores     jsonb,
    confidence double precision CHECK (confidence BETWEEN 0 AND 1),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (run_id, key, hash)
);
CREATE TRIGGER prediction_append_only BEFORE UPDATE OR DELETE ON labkit.prediction
    FOR EACH ROW EXECUTE FUNCTION labkit.refuse_change();

-- A part of a corpus that was predicted as a whole: its predictions, in the order of the corpus.
CREATE TABLE labkit.shard (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      bigint NOT NULL REFERENCES labkit.run,
    digest      text NOT NULL,
    predictions bigint[] NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (run_id, digest)
);
CREATE TRIGGER shard_append_only BEFORE UPDATE OR DELETE ON labkit.shard
    FOR EACH ROW EXECUTE FUNCTION labkit.refuse_change();
