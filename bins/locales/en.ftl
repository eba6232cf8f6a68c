# What the pages of the web admin say, in English. zh.ftl has the same keys; a test holds that.

nav-label = Pages
nav-overview = Overview
nav-jobs = Jobs
nav-runs = Runs
nav-nodes = Nodes
skip = Skip to the content
close = Close
more = More
cancel = Cancel
theme-switch = Switch between automatic, dark and light
theme-auto = Auto
theme-light = Light
theme-dark = Dark
signed-in-as = Signed in as
sign-out = Sign out
live-away = The node does not answer. This page shows what was known last, and goes on by itself when it answers again.
live-signed-out = You are signed out. Open the page again to sign in.
keys-hint = Press ? for the keyboard
keys-title = Keyboard
keys-search = search
keys-rows = next and previous row
keys-open = open the row
keys-help = this list

login-title = Sign in
login-where = With the admin token: the text of the file admin.token in the data directory of this node.
login-token = Token
login-enter = Sign in
login-wrong = This name and password do not fit, or the account is disabled; or this is not the token of this node.
login-wait = { $count ->
    [one] Too many failed tries from your address. Try again in a minute.
   *[other] Too many failed tries from your address. Try again in { $count } minutes.
}

refusal-not-found = There is no such thing
refusal-forbidden = This was not done
refusal-unavailable = This cannot be shown now
refusal-error = Something went wrong
refusal-wrong = This cannot be understood

state-created = Waiting
state-assigned = Assigned
state-running = Running
state-succeeded = Succeeded
state-failed = Failed
state-timed-out = Timed out
state-killed = Killed
state-lost = Lost
state-skipped = Skipped
state-missed = Missed
state-rejected = Rejected

node-active = Active
node-draining = Draining
node-drain = Drain
node-undrain = Take work again
node-load = Load
node-roles = Roles
node-groups = Groups
node-labels = Labels
node-up-since = Up since
node-leased-since = Lease held since
node-runs = Running here
node-idle = Nothing runs here now.
node-drained = { $node } takes no new work; what it runs goes on.
node-undrained = { $node } takes work again.
node-lacking = No active node plays { $roles } now: nothing is created or executed.
nodes-none = No node is known.

job-paused = { $job } is paused.

any = Any
any-time = Any time
filter = Filter
newest = Newest
older = Older

trigger-schedule = Schedule
trigger-manual = By hand
trigger-adhoc = Submitted
trigger-retry = Retry

runs-none = No run fits.
runs-job-hint = Name of the job
runs-within = Within
runs-from = From (UTC)
runs-until = Until (UTC)
runs-waiting = Waiting
runs-unsuccessful = Unsuccessful
runs-not-run = Not run
runs-back-to = Looked back to

run-state = State
run-job = Job
run-delay = Delay
run-took = Duration
run-node = Node
run-trigger = Reason for it
run-reason = Note
run-timeline = Timeline
run-facts = Details
run-command = Command
run-why-there = Where
run-attempt = Attempt
run-attempt-of = { $attempt } of { $of }
run-shard = Part
run-revision = Revision
run-exit-code = Exit code
run-signal = Signal
run-cpu = CPU time
run-cpu-of = { $user } user, { $system } system
run-memory = Largest memory
run-output = Output
run-truncated = the middle was left out
run-siblings = Other runs of the same moment
run-log = Log
run-kill = Kill
run-again = Run again
run-being-killed = The run is being ended.
run-over-already = The run was over already.
run-begun = A new run was made: this is it.
kill-title = Kill this run of { $job }?
kill-text = Its processes get TERM, and KILL when they have not ended within the grace period of the job.

step-due = Due
step-created = Created
step-not-before = Not before
step-started = Started
delay-ahead = { $time } ahead
delay-later = { $time } later
delay-took = took { $time }
delay-so-far = { $time } so far
delay-waiting = for { $time }

log-search = Search in the log
log-follow = Follow
log-download = Download
log-none = Nothing was printed.
log-found = # lines

where-any = Any node
where-node = The node { $node }
where-group = Any node of the group { $group }
where-labels = Any node with the labels { $labels }
where-broadcast = one run on each
routing-round-robin = taken in turn
routing-least-loaded = the one with the most free slots
routing-random = chosen at random
routing-hash = always the same one as long as it lives
routing-failover = the first by name that lives

overview-failed = Unsuccessful, 24 h
overview-late = Late, 24 h
overview-missed = Missed, 24 h
overview-attention = What needs attention
overview-all-well = Nothing does. Jobs that fail, nodes that are gone, services that are away and runs that wait too long would be here.
overview-day = The last 24 hours
overview-month = The last 30 days
overview-coming = Expected starts in the next 24 hours
overview-counting = still counting
overview-counts-all = The numbers and charts count all groups; what is named is of yours.
attention-away = Away
attention-gone = Gone
attention-gone-detail = seen last
attention-in-a-row = { $count ->
    [one] failed once
   *[other] failed { $count } times in a row
}
chart-title = { $when }: { $good } succeeded, { $bad } unsuccessful, { $other } not run
chart-summary = { $good } succeeded, { $bad } unsuccessful, { $other } not run
heat-title = { $when }: { $count } starts
heat-most = at most per ten minutes:
heat-note = A column is an hour, a cell ten minutes. The darker, the more jobs are due.
heat-left-out = { $count ->
    [one] One job is left out: too many due moments.
   *[other] { $count } jobs are left out: too many due moments.
}

edit = Edit
clone = Clone
pause = Pause
resume = Resume
delete = Delete
save = Save
run-now = Run now
roll-back = Roll back
choose-all = Choose all
bulk-chosen = With those chosen:
bulk-none = No job was chosen.
bulk-pause-title = { $count ->
    [one] Pause this job?
   *[other] Pause these { $count } jobs?
}
bulk-resume-title = { $count ->
    [one] Resume this job?
   *[other] Resume these { $count } jobs?
}
bulk-run-title = { $count ->
    [one] Run this job now?
   *[other] Run these { $count } jobs now?
}
bulk-delete-title = { $count ->
    [one] Delete this job?
   *[other] Delete these { $count } jobs?
}
bulk-paused = { $count ->
    [one] One job is paused.
   *[other] { $count } jobs are paused.
}
bulk-resumed = { $count ->
    [one] One job goes on.
   *[other] { $count } jobs go on.
}
bulk-run = { $count ->
    [one] One run was made.
   *[other] { $count } runs were made.
}
bulk-deleted = { $count ->
    [one] One job was deleted.
   *[other] { $count } jobs were deleted.
}
delete-title = Delete this job?
delete-text = Its runs stay in the history and its name becomes free. This cannot be undone.
jobs-search = Part of a name
jobs-none = No job fits.
jobs-first = From the beginning
jobs-next = More jobs
job-new = New job
job-name = Name
job-rule = Rule
job-zone = Time zone
job-group = Group
job-label = Label
job-next = Next
job-last = Last
job-success = Success
job-median = Median
job-p95 = 95 %
job-active = Active
job-paused-state = Paused
job-disabled = Off
job-manual = By hand only
job-resumed = { $job } goes on.
job-deleted = { $job } was deleted.
job-added = { $job } was added.
job-saved = { $job } was saved.
job-rolled-back = Revision { $revision } is in force again, as a new revision.
job-is-paused = This job is paused.
job-definition = Definition
job-fires = Next due
job-no-fires = Not due by the clock.
job-params = Values, one a line: name = value
job-history = Newest runs
job-durations = Durations
job-longest = longest
job-never-ran = It has never run.
job-all-runs = All its runs
job-revisions = Revisions
job-current = in force
job-overlap = When still running
job-misfire = When missed
job-retry = Tries again
job-retry-of = { $count } times, first after { $delay }
job-timeout = Time limit
new-title = New job
edit-title = Edit { $job }
edit-what = What
edit-when = When
edit-description = Description
edit-enabled = Its rule makes runs
edit-dialect = Weekdays as in
edit-kind = Kind
edit-user = User
edit-cwd = Folder
edit-line = Command line
edit-env = Environment, one a line: NAME = value
edit-method = Method
edit-url = URL
edit-headers = Headers, one a line: Name: value
edit-body = Body
edit-target = Where
edit-target-value = Which
edit-routing = Which of several
edit-broadcast = One run on each of them
edit-trouble = When something goes wrong
edit-on-timeout = At the time limit
edit-kill-grace = From TERM to KILL
edit-window = Missed at most ago
edit-misfire-max = Missed at most
edit-retry-delay = First wait
edit-backoff = Waits grow
edit-deadline = Must start within
edit-priority = Priority, 0 to 9
edit-concurrency = At a time on a node
edit-limits-memory = Memory of a run at most
edit-limits-cpu = Processors of a run at most
edit-limits-processes = Processes of a run at most
edit-people = Who it concerns
edit-alerts = Alert channels
edit-preview = What this means
edit-toml = The same as a document
edit-save-toml = Save the document

nav-alerts = Alerts
nav-secrets = Secrets
nav-audit = Audit
event-failed = Failed
event-timed-out = Timed out
event-killed = Killed
event-lost = Lost
event-missed = Missed
event-rejected = Rejected
event-late-start = Late start
event-skipped-by-overlap = Skipped, still running
event-running-long = Running long
event-no-success = No success
event-recovered = Recovered
event-node-lost = Node lost
event-node-back = Node back
event-service-degraded = Service away
event-service-back = Service back
event-bad-signatures = Unsigned messages
progress-waiting = Waiting
progress-delivered = Delivered
progress-refused = Refused
progress-gave-up = Given up
alerts-open = What is wrong now
alerts-all-well = Nothing is.
alerts-more = There is more: REST and `cronbus alert list` show all.
alerts-silences = Silences
alerts-history = What happened
alerts-deliveries = What was told
alerts-all = All of it
alerts-channels = Channels
alerts-rules = Rules
alerts-no-events = Nothing that fits has happened.
alerts-no-deliveries = Nothing that fits was told.
alerts-no-channels = This node has no channels. The configuration names them:
alerts-no-rules = The configuration of this node has no rules:
alert-what = What
alert-of = Of what
alert-when = When
alert-since = since
alert-told = Told:
alert-told-nobody = nobody
alert-looked-after = Looked after by
alert-acknowledge = I look after it
alert-acknowledged = { $by } looks after it.
alert-last-run = last run
alert-service-of = { $service } of { $node }
alert-progress = State
alert-channel = Channel
alert-message = Message
alert-tries = Tries
alert-answer = Answer
alert-again = again at
alert-grouped = { $count ->
    [one] One event
   *[other] { $count } events
}
silence-note = What is silenced is kept in the history and told nobody until the silence ends.
silence-this = Silence
silence-new = New silence
silence-job = Job, as a pattern
silence-node = Node, as a pattern
silence-for = For
silence-or-until = Or until (UTC)
silence-until = until
silence-why = Why
silence-make = Silence
silence-end = End
silence-made = Nobody is told of it until then.
silence-ended = The silence is over.
channel-test = Test
channel-tested = A test was sent over { $channel }. The answer: { $answer }
channel-refused = The test over { $channel } was not taken: { $answer }
rule-of = Of
rule-tells = Tells
rule-all-jobs = all jobs
rule-jobs = jobs called { $names }
rule-group = jobs of the group { $group }
rule-labels = with the labels { $labels }
rule-running-long = Running long means: longer than { $time }.
rule-running-p95 = Running long means: longer than 95 % of the job's runs, times { $factor }.
rule-no-success = No success means: none for { $time }.
rule-late = Late means: started more than { $time } after its moment.
rule-after = Told once it has happened { $count } times in a row.
rule-every-time = Told every time, not only when it begins.
rule-escalate = When nobody acknowledges it within { $time }: { $channels }.
rules-of-jobs = Jobs that name channels themselves
rules-of-no-job = No job does.
rules-jobs = { $count ->
    [one] One job
   *[other] { $count } jobs
}

run-waits-for = It waits:
run-environment = Environment
log-from-beginning = Show the log from its beginning
log-goes-on = The log goes on
logs-of = Logs of { $job }
logs-search-all = Search in all its logs
logs-text = Text
logs-hint = Looks for a plain text, whatever its case, in what the newest runs printed.
logs-none = None of these runs printed it.
logs-looked-at = Looked at { $runs } runs, { $bytes } of output.
logs-stopped-runs = These are as many runs as one search looks at.
logs-stopped-bytes = This is as much as one search reads.
logs-stopped-time = This is as long as one search takes.
logs-stopped-lines = These are as many lines as one search shows.
logs-more-lines = It printed this in more lines than these.
logs-unread = Not all of these could be read
logs-older = Search in older runs
audit-none = Nothing that fits was done.
audit-when = When
audit-actor = Who
audit-action = What
audit-object = To what
audit-kind = Kind
audit-change = Change
audit-fields = { $count ->
    [one] one field
   *[other] { $count } fields
}
audit-kind-job = Job
audit-kind-run = Run of
audit-kind-node = Node
audit-kind-silence = Silence
audit-kind-alert = Alert
audit-kind-channel = Channel
audit-kind-secret = Secret
audit-kind-user = User
audit-kind-token = API token
audit-by-admin-token = admin token
audit-by-user = user
audit-by-api-token = API token
audit-by-client = client of the bus
audit-by-node = node
audit-by-nobody = not shown who
audit-door-rest = REST
audit-door-page = page
audit-door-cli = command line
audit-door-nats = NATS
audit-door-node = within the node

conflict-title = { $by } changed this job meanwhile: it is at revision { $revision }
conflict-note = Nothing was saved. The form has that change now, and yours on top of it: look at what is below, then save again.
conflict-field = Field
conflict-before = Before
conflict-now = Now
conflict-start-anew = Leave my changes, and begin with what is there now
edit-usually = usual: { $word }
edit-log-keep = Logs are kept for
edit-log-last = Logs of so many newest runs
runs-late = Started late
# Accounts
nav-accounts = Accounts
never = never
login-name = User name
login-password = Password
login-by-token = With the admin token
setup-title = The first administrator
setup-text = Nobody has an account here yet. Choose a name and a password; this link works once.
setup-link = Set-up link, as the node printed it
setup-make = Make the account and sign in
password-rule = At least 12 characters; a few words will do.
password-again = The same again
password-differs = The two passwords are not the same.
password-change = Change the password
password-current = Current password
password-new = New password
password-ends-sessions = You are signed out everywhere else.
account-grants = Roles
account-no-grants = You may do nothing yet: ask an administrator.
accounts-users = Users
accounts-no-users = There is no user yet.
accounts-tokens = API tokens
accounts-no-tokens = There is no API token yet.
user-new = Add a user
user-add = Add
user-added = { $name } was added.
user-changed = { $name } was changed.
user-deleted = { $name } was deleted and signed out.
user-disabled = Disabled
user-disable = Disable
user-enable = Enable
user-no-password = has no password
user-signed-in = last sign-in:
user-delete-title = Delete this user?
user-delete-text = The user is signed out at once. What was done under the name stays recorded.
password-changed = The password of { $name } was changed; all sessions are over.
grants-note = viewer, operator, editor or admin; several with blanks between them. Groups behind a colon restrict a role:
token-new = Make an API token
token-make = Make
token-made = Token made:
token-once = Copy it now: it is shown this once and kept nowhere.
token-name = Name
token-days = Valid for days (empty: for ever)
token-expires = until
token-expired = expired
token-used = last used:
token-revoke = Revoke
token-revoke-title = Revoke this token?
token-revoke-text = Whoever uses it is refused within seconds.
token-revoked = The token { $name } was revoked.

# Secrets
secrets-note = Values that jobs are given and nobody reads. In a command, its environment or its input, write
secrets-none = There are no secrets.
secret-new = Set a secret
secret-name = Name
secret-value = Value
secret-groups = Groups (empty: jobs of every group)
secret-note = The value is encrypted, and never shown again: not here, nor in the output of runs.
secret-keep = Set
secret-replace = Replace the value
secret-version = version
secret-set-at = set
secret-all-groups = all groups
secret-used-by = Used by:
secret-unused = no job
secret-set = The secret { $name } was set. The next run that names it is given the new value.
secret-deleted = The secret { $name } was deleted.
secret-delete-title = Delete the secret { $name }?
secret-delete-used = Runs of these jobs fail from then on:
secret-delete-unused = No job names it.

# Signing in at an OpenID provider
oidc-label = Single sign-on
oidc-signed-in = You are signed in.
oidc-go-on = Go on
oidc-away = The sign-in provider does not answer as it should ({ $reason }). Try again in a moment, or sign in with a name and password.
oidc-not-sent = This sign-in was not begun in this browser, or it took longer than ten minutes, or it was finished before. Begin again.
oidc-denied = The sign-in provider let nobody in: { $reason }
oidc-untrusted = What the sign-in provider gave cannot be believed ({ $reason }). Try again; if it stays like this, tell whoever runs cronbus.
oidc-email = Your e-mail address may not come in here: it must be of this organisation, and verified by the sign-in provider.
oidc-no-grants = You are known to the sign-in provider, but nothing there lets you do anything here. Ask whoever runs cronbus for a group that does.
oidc-disabled = This account is disabled. Ask whoever runs cronbus.
oidc-wait = { $count ->
    [one] Too many sign-ins were begun from your address and not finished. Wait a minute.
   *[other] Too many sign-ins were begun from your address and not finished. Wait { $count } minutes.
}
user-of-provider = Password and grants come from the sign-in provider.
