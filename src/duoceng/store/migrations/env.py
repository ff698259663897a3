"""What alembic runs: the revisions over the connection it was handed."""

from alembic import context

from duoceng.store.schema import META

context.configure(connection=context.config.attributes["connection"], target_metadata=META, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
