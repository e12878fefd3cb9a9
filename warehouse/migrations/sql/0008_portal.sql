-- Indexes for the portal's pages, so that they stay quick with a million items.

-- warehouse.browse.overview and objections: the few items whose objection awaits a decision
CREATE INDEX notice_item_objected_idx ON hub.notice_item (notice_no, item_no) WHERE state = 'objected';
-- warehouse.browse.batches: the newest batches of a few platforms
CREATE INDEX batch_platform_idx ON hub.batch (platform_code, id DESC);
