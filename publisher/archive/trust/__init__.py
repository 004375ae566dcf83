"""Who may sign, and which authorities are believed; OpenSSL and ssh-keygen judge."""
