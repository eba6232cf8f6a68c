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
login-wrong = This is not the token of this node.
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
log-beginning = This is the beginning of the log. The download has all of it.

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
