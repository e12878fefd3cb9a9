-- The catalogue of the lake: which Iceberg tables there are, and which file of the object store holds each now.

CREATE SCHEMA IF NOT EXISTS lake;
COMMENT ON SCHEMA lake IS '数据湖目录 catalogue of the Iceberg tables in the object store; tables are made by the first publication';
