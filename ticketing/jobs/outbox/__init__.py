"""What leaves the desk: announcements become notifications and mails, mails are sent, what failed is kept (R13–R15)."""
