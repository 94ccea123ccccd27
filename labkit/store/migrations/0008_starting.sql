-- Who starts a run elsewhere says again and again that it is still at it; what nobody starts any more is no longer waited for.
ALTER TABLE labkit.run ADD COLUMN held_until timestamptz;
