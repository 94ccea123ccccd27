-- What a project's values are ("labels", "spans", "relations"): a name that one experiment took is not another's.
-- NULL for a project that was made before this; it learns it when it is opened next.
ALTER TABLE labkit.project ADD COLUMN part text;
