-- In the demo's database, as its owner, at each start: the demo's table and its five orders, once.
SET client_min_messages = warning;

CREATE TABLE IF NOT EXISTS orders (
  id serial PRIMARY KEY,
  description varchar(255) NOT NULL,
  status varchar(50) NOT NULL DEFAULT 'pending',
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX IF NOT EXISTS idx_orders_status ON orders (status);

CREATE INDEX IF NOT EXISTS idx_orders_created_at ON orders (created_at DESC);

INSERT INTO orders (description, status)
SELECT description, status
FROM (VALUES
  (1, 'Order for laptop and accessories', 'completed'),
  (2, 'Bulk office supplies order', 'pending'),
  (3, 'Emergency replacement keyboard', 'shipped'),
  (4, 'Software license renewal', 'completed'),
  (5, 'Conference room equipment', 'processing')) AS seed (id, description, status)
WHERE NOT EXISTS (SELECT FROM orders)
ORDER BY seed.id;

GRANT ALL ON orders TO demouser;

GRANT USAGE, SELECT ON SEQUENCE orders_id_seq TO demouser;
