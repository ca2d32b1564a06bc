"""Where window and worker meet: a mailbox towards the window, a control towards the worker. All of it can travel."""
