-- What other tools say of an annotation: when it was made, in which sitting, and what they alone keep of it.
ALTER TABLE labkit.annotation
    ADD COLUMN made_at timestamptz,
    ADD COLUMN session text,
    ADD COLUMN details jsonb;
