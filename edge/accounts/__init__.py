"""Who may use the console and its API: accounts, sessions, tokens, and what each role may do."""
