"""Who may sign, and which authorities are trusted; OpenSSL and ssh-keygen check it."""
