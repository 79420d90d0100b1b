"""Tickets as a gaming platform's desk gets them, in groups of the same trouble, for measuring what similarity finds.

Within a group people write differently; between groups they share the words that everybody uses.
"""
# ruff: noqa: E501 - a text stands on one line, however long

from ticketing.rules.taxonomy import TicketType

PAY, INC, INT, INFRA, SEC, REQ = (
    TicketType.PAYMENT_ISSUE, TicketType.INCIDENT, TicketType.INTEGRATION_ISSUE, TicketType.INFRASTRUCTURE_ISSUE,
    TicketType.SECURITY_ALERT, TicketType.SERVICE_REQUEST,
)  # fmt: skip

# (group, type, category, title, description, details)
TICKETS = (
    ("iban", PAY, "payment_processing", "Trustera payouts stay pending for German IBANs", "38 players cannot get their money since 09:40, error on every payment. Retries do not help.", {"payment_system": "Trustera", "error_code": "TR-118"}),
    ("iban", PAY, "payment_processing", "Withdrawals to German bank accounts hang at Trustera", "Players complain that the payment is never finished. The player sees an error and the balance is gone.", {"payment_system": "Trustera"}),
    ("iban", PAY, "payment_processing", "Payout batch skips IBANs that contain spaces", "The nightly batch for Trustera leaves out accounts whose IBAN was typed with spaces. The status stays pending.", {"payment_system": "Trustera", "error_code": "TR-118"}),
    ("iban", INC, "payment_processing", "Cash out is stuck, IBAN is refused", "Support has three players from Germany whose cash out is pending for two days, error TR-118 in the log.", {"affected_service": "payout-worker"}),
    ("3ds", PAY, "payment_processing", "PayNetix deposits time out at the 3-D Secure step", "Players come back from the bank page to an error. The deposit is never credited, the payment is declined after 60 s.", {"payment_system": "PayNetix", "error_code": "E-1042"}),
    ("3ds", PAY, "payment_processing", "Card deposit timed out after the 3DS challenge", "The player passed the challenge of the bank, then error E-1042 and no money on the balance. PayNetix says all is well.", {}),
    ("3ds", PAY, "payment_processing", "Deposits via PayNetix fail, challenge page never returns", "Started after their maintenance. Error on 3-D Secure for every second player.", {"payment_system": "PayNetix"}),
    ("3ds", INC, "payment_processing", "Timeout of secure challenge with PayNetix cards", "Many players report an error on deposit. In the trace the callback of the challenge is missing.", {"provider": "PayNetix", "error_code": "E-1042"}),
    ("lobby", INC, "infrastructure", "CDN serves a stale lobby bundle after release 5.12", "Players see the old lobby and a blank page. A hard reload helps. Error in the console for every game.", {"affected_service": "lobby-api"}),
    ("lobby", INC, "infrastructure", "Old lobby after the release, blank page in all games", "The edge still gives out the bundle of yesterday, players get an error.", {"affected_service": "lobby-api"}),
    ("lobby", INFRA, "infrastructure", "Cache purge fails silently when we release the lobby", "Stale files at the edge of the CDN after release 5.11, the purge token had expired.", {"affected_service": "lobby-api"}),
    ("safari", INC, "user_system", "Login fails with “session expired” on Safari after 2FA", "Player enters the code and gets an error. Other browsers work. The account is fine.", {"affected_service": "player-profile"}),
    ("safari", INC, "user_system", "iPhone players cannot sign in, session expires after the second factor", "On Safari the player lands on the login page again without an error.", {}),
    ("safari", INC, "user_system", "Two-factor sign-in loops in Safari", "After the 2FA code the session is gone, the cookie is dropped. Many players of all brands.", {"affected_service": "player-profile"}),
    ("freespins", INT, "provider_integration", "Free spins of the campaign not credited in Reelworks titles", "Players got no free spins, other providers work. Error in the log of the bonus engine.", {"provider": "Reelworks", "error_code": "E-3310"}),
    ("freespins", INT, "provider_integration", "Reelworks bonus rounds are missing after the campaign started", "The player has the bonus on the account, but in the game there are no free spins.", {"provider": "Reelworks"}),
    ("freespins", INT, "provider_integration", "E-3310 when granting freespins", "The campaign gives an error for every player of one provider, and support has to credit by hand.", {"error_code": "E-3310"}),
    ("launch", INT, "api_integration", "Novaplay games return 500 on launch", "Every game of the provider shows an error page to the player. Others start.", {"provider": "Novaplay", "endpoint": "/launch", "error_code": "500"}),
    ("launch", INT, "api_integration", "Players cannot start Novaplay slots, HTTP 500", "The game does not open, the player sees an error. Since the certificate was changed.", {"provider": "Novaplay"}),
    ("launch", INT, "api_integration", "Launch call to Novaplay answers internal server error", "All titles. Their status page says nothing. Player complaints every minute.", {"provider": "Novaplay", "endpoint": "/launch"}),
    ("kyc", INC, "user_system", "KYC queue stuck, no worker picks up documents", "212 documents of players wait. New players cannot withdraw. No error in the log.", {"affected_service": "kyc-queue", "provider": "Verident"}),
    ("kyc", INC, "user_system", "Identity documents are not checked for hours", "Verification of new players does not go on, the queue grows. The account stays locked.", {"provider": "Verident"}),
    ("kyc", INC, "user_system", "Verident documents wait, workers of the kyc-queue hang on a lock", "Players write that they cannot get their money because the account is not verified.", {"affected_service": "kyc-queue"}),
    ("replica", INFRA, "infrastructure", "Replica lag above 20 minutes on db-report-2", "Reports show old figures. No player notices an error.", {"affected_service": "reporting", "error_code": "DB-0040"}),
    ("replica", INFRA, "infrastructure", "Reports are late: replica is 35 minutes behind", "The nightly export holds the replica back on the node. Players are not affected.", {"affected_service": "reporting", "error_code": "DB-0040"}),
    ("replica", INFRA, "infrastructure", "db-report-2 lags behind during the export", "Figures in the reports of all brands are old, error DB-0040 in the monitor.", {}),
    ("chargeback", PAY, "payment_processing", "Chargeback webhook of Fjordpay answers 401 since the key rotation", "No chargebacks arrive, error on every call. The payment team waits.", {"payment_system": "Fjordpay", "error_code": "401"}),
    ("chargeback", INT, "payment_processing", "Fjordpay callbacks rejected after we rotated the keys", "The signature of the webhook is checked with the old key, chargebacks are missing.", {"provider": "Fjordpay"}),
    ("chargeback", PAY, "payment_processing", "No chargebacks from Fjordpay since Tuesday", "Probably the key rotation, their calls get HTTP 401. The payment report is wrong.", {"payment_system": "Fjordpay"}),
    # Alone: what they share with the others is only what everybody says.
    ("", PAY, "payment_processing", "Player was charged twice for one deposit", "The player made one deposit and the card was charged two times. Error in the payment?", {"payment_system": "Quillbank"}),
    ("", PAY, "payment_processing", "Player deposit error", "The player gets an error. Payment does not work, please help.", {}),
    ("", INC, "user_system", "Player cannot change the e-mail address of the account", "An error comes up when the player saves the page.", {}),
    ("", REQ, "user_system", "Please give the new support colleague access to reports", "She starts on Monday and needs the same account as the others.", {}),
    ("", INC, "user_system", "Game history page of the player is empty", "The player wants to see the games of last week. No error, the page is empty.", {"affected_service": "player-profile"}),
    ("", INC, "infrastructure", "Disk at 94 % on the log node", "Log rotation does not run. No player notices.", {}),
    ("", REQ, "payment_processing", "Raise the payment limit of a VIP player", "The player wants a higher limit for a deposit.", {}),
)  # fmt: skip

# A second desk, written when the weights had been chosen with the first one.
LATER = (
    ("jackpot", INT, "provider_integration", "Jackpot of Nine Ravens shows zero", "The meter in the game is 0.00 for all players since the update.", {"provider": "Mirrorball Studios", "game_id": "mb-nine-ravens"}),
    ("jackpot", INT, "provider_integration", "Progressive jackpot meter is empty in Nine Ravens", "Players complain that the jackpot has vanished.", {"provider": "Mirrorball Studios"}),
    ("jackpot", INC, "provider_integration", "Wrong jackpot amount displayed", "The meter of Nine Ravens stands at zero, other games show the right amount.", {"provider": "Mirrorball Studios"}),
    ("sms", INC, "user_system", "SMS codes arrive late or not at all", "Players in Finland wait ten minutes for the code of the login. Error in the log of the gateway: SMPP-88.", {"affected_service": "sms-gateway"}),
    ("sms", INC, "user_system", "No text message with the code for Finnish numbers", "The sms-gateway drops messages with SMPP-88.", {}),
    ("sms", INC, "user_system", "Delayed SMS delivery, players cannot log in", "Many complaints from Finland. The provider says the queue is full.", {"affected_service": "sms-gateway"}),
    ("geo", INC, "user_system", "Swedish players are blocked by the country check", "The geolocation puts them in Norway since the new address database.", {"affected_service": "geo-ip"}),
    ("geo", INC, "user_system", "Players from Sweden see “not available in your country”", "Wrong location for addresses of Telia.", {"affected_service": "geo-ip"}),
    ("geo", INC, "infrastructure", "geo-ip locates Telia customers in Norway", "Country check refuses players since the database was renewed.", {"affected_service": "geo-ip"}),
    ("tax", REQ, "payment_processing", "Winnings report for the Spanish tax office has wrong totals", "The totals of the quarter count bonuses as winnings.", {"affected_service": "reporting"}),
    ("tax", REQ, "payment_processing", "Tax report for Spain: bonuses are part of the winnings", "The office returned the file of the quarter.", {"affected_service": "reporting"}),
    ("tax", INC, "payment_processing", "Quarterly tax file rejected by the Spanish authority", "Sum of winnings does not match.", {}),
    ("ws", INFRA, "infrastructure", "Live tables disconnect every few minutes", "Websocket connections are closed with 1006 by the balancer in Frankfurt.", {"affected_service": "live-gateway", "error_code": "1006"}),
    ("ws", INC, "infrastructure", "Kestrel Roulette kicks players out of the table", "The websocket closes with code 1006 after five minutes, only in Frankfurt.", {"affected_service": "live-gateway"}),
    ("ws", INC, "infrastructure", "Players lose the connection at live roulette", "Error 1006 in the browser console.", {"error_code": "1006"}),
    ("", PAY, "payment_processing", "Player asks where the payment is", "The player made a payment and wants to know its status.", {}),
    ("", INC, "user_system", "Player account error after login", "There is an error on the page of the player.", {}),
    ("", REQ, "user_system", "Export of the players of one brand", "For a campaign of the support team.", {}),
)  # fmt: skip
