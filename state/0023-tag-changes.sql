-- When a tag left the digest, in microseconds since 1970 (0: not known), and what differs between the images of that
-- digest and of the next one (NULL: not known).
ALTER TABLE tag_history ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tag_history ADD COLUMN change TEXT;
UPDATE tag_history SET until = coalesce(
    (SELECT min(n.seen_at) FROM tag_history n WHERE n.component_id = tag_history.component_id AND n.tag = tag_history.tag
        AND n.seen_at > tag_history.seen_at),
    (SELECT t.changed_at FROM tags t WHERE t.component_id = tag_history.component_id AND t.tag = tag_history.tag), 0);
CREATE INDEX idx_tag_history_until ON tag_history(component_id, until);

-- A hold that relmand made after a failure, and that no person has changed since. Before, such a hold was recognized
-- by the time of the failure, which is among the two newest rows of the history.
ALTER TABLE environment_holds ADD COLUMN is_fallback INTEGER NOT NULL DEFAULT 0;
UPDATE environment_holds SET is_fallback = 1 WHERE is_retry = 0 AND EXISTS (
    SELECT 1 FROM environment_history h WHERE h.environment_id = environment_holds.environment_id AND h.status = 'failed'
        AND h.at = environment_holds.since AND (environment_holds.release_id IS NOT NULL) = (
            SELECT count(*) FROM environment_history n WHERE n.environment_id = h.environment_id AND n.sequence > h.sequence));

-- The order in which the approvals of an environment were given: times have a resolution of one second.
ALTER TABLE approvals ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
UPDATE approvals SET sequence = (
    SELECT count(*) FROM approvals a WHERE a.environment_id = approvals.environment_id AND
        (a.at, a.person, a.by, a.release_id) <= (approvals.at, approvals.person, approvals.by, approvals.release_id));
DROP INDEX idx_approvals_environment;
CREATE UNIQUE INDEX idx_approvals_sequence ON approvals(environment_id, sequence);
