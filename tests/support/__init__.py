"""What several tests need: workspaces, archives, documents, and readers of what comes out."""
