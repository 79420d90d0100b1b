"""What an account may say: lengths that forms, commands and jobs obey."""

NAME_MAX = 120
PASSWORD_MIN = 10
PASSWORD_MAX = 200
