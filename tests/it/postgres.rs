//! One real PostgreSQL server for the run, on a socket in a folder of its own. It ends with the
//! test process, however that ends.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

const INSTALL: &str = "install it with: apt-get update && apt-get install -y postgresql";

/// Starts the server, waits for the end of its input (which is our end), stops the server and
/// removes its files. Signals of the terminal are left to the test process.
const WATCH: &str = r#"
trap '' HUP INT TERM
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=400 -c fsync=off \
    -c full_page_writes=off >"$2/log" 2>&1 </dev/null &
server=$!
read -r _
kill -QUIT "$server"
wait "$server"
rm -rf "$2"
"#;

struct Server {
    folder: PathBuf,
    /// Its input stays open as long as this process lives.
    _watch: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a fresh, empty database.
pub(crate) async fn fresh_database() -> String {
    let starting = tokio::task::spawn_blocking(|| SERVER.get_or_init(start));
    let server = starting.await.expect("PostgreSQL starts");
    let name = format!("t{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&address(&server.folder, "postgres"))
        .await
        .expect("the server takes connections");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .expect("a database is made");
    connection.close().await.expect("a connection ends");
    address(&server.folder, &name)
}

fn address(folder: &Path, database: &str) -> String {
    format!("postgres:///{database}?host={}&user=ap&sslmode=disable", folder.display())
}

fn start() -> Server {
    let programs = programs();
    let folder = tempfile::Builder::new().prefix("ap-pg-").tempdir();
    let folder = folder.expect("a temporary folder").keep();
    let mut initdb = as_plain_user(&folder, &programs.join("initdb"));
    let made = initdb
        .args(["--auth=trust", "--username=ap", "--encoding=UTF8", "--locale=C.UTF-8"])
        .args(["--no-sync", "--pgdata"])
        .arg(folder.join("data"))
        .output()
        .expect("initdb runs");
    let complaint = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "initdb: {complaint}");
    let watch = as_plain_user(&folder, Path::new("sh"))
        .args(["-c", WATCH, "watch"])
        .arg(&programs)
        .arg(&folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell runs");
    let server = Server { folder, _watch: watch };
    wait(&programs, &server.folder);
    server
}

fn wait(programs: &Path, folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let mut asked = Command::new(programs.join("pg_isready"));
        let asked = asked.arg("--host").arg(folder).stdout(Stdio::null());
        if asked.status().expect("pg_isready runs").success() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let log = std::fs::read_to_string(folder.join("log"));
    panic!("PostgreSQL did not start: {}", log.unwrap_or_default());
}

/// Where initdb, postgres and `pg_isready` are: on PATH, or where Debian puts them.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = versions.flatten().map(|version| version.path().join("bin"));
    let complete = |folder: &PathBuf| {
        let has = |program| folder.join(program).is_file();
        has("initdb") && has("postgres") && has("pg_isready")
    };
    let found = debian.chain(on_path).find(complete);
    found.unwrap_or_else(|| panic!("these tests need PostgreSQL, which is not here; {INSTALL}"))
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`, else as `nobody`.
fn as_plain_user(folder: &Path, program: &Path) -> Command {
    let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(folder).expect("a folder"));
    let root =
        std::fs::metadata("/proc/self").map(|about| std::os::unix::fs::MetadataExt::uid(&about));
    if root.unwrap_or(owner) != 0 {
        return Command::new(program);
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let has_postgres = users.lines().any(|line| line.starts_with("postgres:"));
    let user = if has_postgres { "postgres" } else { "nobody" };
    let given = Command::new("chown").arg(user).arg(folder).status();
    assert!(given.expect("chown runs").success(), "cannot give {} away", folder.display());
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}")).arg("--init-groups");
    let group = group_of(&users, user);
    command.arg(format!("--regid={group}")).arg("--").arg(program);
    command.current_dir("/");
    command
}

fn group_of(users: &str, user: &str) -> String {
    let line = users.lines().find(|line| line.starts_with(&format!("{user}:")));
    let group = line.and_then(|line| line.split(':').nth(3));
    group.expect("each user has a group").to_owned()
}
