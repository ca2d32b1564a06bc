"""Where the two threads meet: a mailbox towards the window, a control towards the worker."""
