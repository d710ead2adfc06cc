CREATE TABLE logins (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  nickname text,
  CHECK (length(email) > 3)
);
CREATE UNIQUE INDEX logins_email ON logins (lower(email));
