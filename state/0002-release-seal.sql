-- A release's seal: SHA-256 of what its lockfile is made from, so that a digit that changes on the disk is seen. NULL: it was
-- written by a program that knew no seals.
ALTER TABLE releases ADD COLUMN seal TEXT;
