//! Which processes belong to the tree.
//!
//! Found from the top by the lists of children that the kernel keeps by thread. What was found once stays, also after its parent has ended and
//! it was given to another. A process is known by its number and the time at which it has begun: the number alone is given again.

use std::collections::{HashMap, HashSet, VecDeque};

use procfs::process::{Process, Stat, Task, all_processes};

use super::pace::Pace;

/// A process for good: the number alone is used again when it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) pid: i32,
    /// In ticks since the machine has begun.
    pub(crate) start: u64,
}

impl Identity {
    pub(crate) fn of(stat: &Stat) -> Self {
        Self {
            pid: stat.pid,
            start: stat.starttime,
        }
    }
}

/// A process of the tree that the system lists now, also one that has ended and that its parent has not asked about yet.
pub(crate) struct Member {
    pub(crate) process: Process,
    pub(crate) stat: Stat,
}

impl Member {
    fn read(pid: i32) -> Option<Self> {
        let process = Process::new(pid).ok()?;
        let stat = process.stat().ok()?;
        Some(Self { process, stat })
    }

    pub(crate) fn id(&self) -> Identity {
        Identity::of(&self.stat)
    }

    /// Whether it has not ended.
    pub(crate) fn is_running(&self) -> bool {
        !matches!(self.stat.state, 'Z' | 'X' | 'x')
    }
}

/// Where the tree begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root {
    /// At this process.
    Process(Identity),
    /// At all children of this one, to which orphans are given too: it is their subreaper, prctl(2).
    Children,
}

/// The processes of the tree, from one look to the next.
pub(crate) struct Tree {
    root: Root,
    known: HashSet<Identity>,
    /// Sessions that a process of the tree has begun: all of their processes descend from it, setsid(2).
    sessions: HashSet<i32>,
    has_lists: bool,
    search: Pace,
}

impl Tree {
    pub(crate) fn new(root: Root) -> Self {
        // Kernels may be built without (CONFIG_PROC_CHILDREN).
        let own = Process::myself().and_then(|process| process.task_main_thread());
        Self {
            root,
            known: HashSet::new(),
            sessions: HashSet::new(),
            has_lists: own.and_then(|task| task.children()).is_ok(),
            search: Pace::default(),
        }
    }

    pub(crate) fn root(&self) -> Root {
        self.root
    }

    /// Looks at all of them: parents before their children.
    pub(crate) fn members(&mut self) -> Vec<Member> {
        let lists = Children::new(self.has_lists);
        let mut walk = Walk::default();
        match self.root {
            Root::Process(id) => walk.visit(id.pid, Some(id), &lists),
            Root::Children => {
                let own = Process::myself().map(|own| lists.of(&own, true));
                for pid in own.unwrap_or_default() {
                    walk.visit(pid, None, &lists);
                }
            }
        }
        for id in &self.known {
            walk.visit(id.pid, Some(*id), &lists);
        }
        for pid in self.orphans() {
            walk.visit(pid, None, &lists);
        }
        let members = walk.members;
        self.known = members.iter().map(Member::id).collect();
        let leads = |member: &&Member| member.stat.session == member.stat.pid;
        let sessions = members.iter().filter(leads);
        self.sessions.extend(sessions.map(|member| member.stat.pid));
        members
    }

    /// Processes of the tree's sessions, wherever they have been given to. A subreaper is given all of its own, and need not look.
    fn orphans(&mut self) -> Vec<i32> {
        if matches!(self.root, Root::Children) || self.sessions.is_empty() {
            return Vec::new();
        }
        let Some(all) = self.search.run(all_stats) else {
            return Vec::new();
        };
        let ours: Vec<&Stat> = all
            .iter()
            .filter(|stat| self.sessions.contains(&stat.session))
            .collect();
        let orphans = ours.iter().map(|stat| stat.pid).collect();
        // The number of a session that has no process left may be given to a stranger.
        let left: HashSet<i32> = ours.iter().map(|stat| stat.session).collect();
        self.sessions.retain(|session| left.contains(session));
        orphans
    }
}

/// Of all processes that this one may see; what ends meanwhile is left out.
fn all_stats() -> Vec<Stat> {
    let all = all_processes().into_iter().flatten().flatten();
    all.filter_map(|process| process.stat().ok()).collect()
}

/// Who has which children.
enum Children {
    /// By the kernel's lists.
    Lists,
    /// By a look at all processes, where the kernel has none.
    Scan(HashMap<i32, Vec<i32>>),
}

impl Children {
    fn new(has_lists: bool) -> Self {
        if has_lists {
            return Self::Lists;
        }
        let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
        for stat in all_stats() {
            children.entry(stat.ppid).or_default().push(stat.pid);
        }
        Self::Scan(children)
    }

    /// A child is on the list of the thread that has forked it.
    fn of(&self, process: &Process, has_threads: bool) -> Vec<i32> {
        match self {
            Self::Scan(children) => children.get(&process.pid).cloned().unwrap_or_default(),
            Self::Lists if has_threads => {
                let tasks = process.tasks().into_iter().flatten().flatten();
                tasks.flat_map(|task| list_of(&task)).collect()
            }
            Self::Lists => process
                .task_main_thread()
                .map(|task| list_of(&task))
                .unwrap_or_default(),
        }
    }
}

fn list_of(task: &Task) -> Vec<i32> {
    let children = task.children().unwrap_or_default();
    children.into_iter().map(u32::cast_signed).collect()
}

/// A walk from parents to children that meets each process once.
#[derive(Default)]
struct Walk {
    seen: HashSet<i32>,
    members: Vec<Member>,
}

impl Walk {
    /// This process and what descends from it. One that is not the `expected` one, but has its number, is left out.
    fn visit(&mut self, pid: i32, expected: Option<Identity>, children: &Children) {
        let mut queue = VecDeque::from([(pid, expected)]);
        while let Some((pid, expected)) = queue.pop_front() {
            if self.seen.contains(&pid) {
                continue;
            }
            let Some(member) = Member::read(pid) else {
                continue;
            };
            if expected.is_some_and(|expected| expected != member.id()) {
                continue;
            }
            self.seen.insert(pid);
            let found = children.of(&member.process, member.stat.num_threads > 1);
            queue.extend(found.into_iter().map(|child| (child, None)));
            self.members.push(member);
        }
    }
}
