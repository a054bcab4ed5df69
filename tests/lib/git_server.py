"""Servers of Git repositories: git-http-backend behind nginx with TLS and a password, and sshd."""

import http.server
import os
import pwd
import shutil
import socket
import subprocess
import threading
import time

from relman import die_with_parent, free_port

BACKEND = os.path.join(subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip(), "git-http-backend")
SSHD = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")


def await_port(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


class Backend(http.server.BaseHTTPRequestHandler):
    """Runs git-http-backend(1), the CGI program, for each request of nginx."""

    def do_GET(self):
        path, _, query = self.path.partition("?")
        size = self.headers.get("Content-Length", "")
        env = {**os.environ, "GIT_PROJECT_ROOT": self.server.root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
               "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_USER": "robot",
               "CONTENT_LENGTH": size, "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
               "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
        body = self.rfile.read(int(size or 0))
        out = subprocess.run([BACKEND], input=body, env=env, capture_output=True).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n") if line]
        self.send_response(int(dict(lines).get("Status", "200").split()[0]))
        for name, value in lines:
            if name != "Status":
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)

    do_POST = do_GET

    def log_message(self, *_):
        pass


class HttpsGit:
    """Serves the repositories in a folder over https, to one user with a password."""

    def __init__(self, root, folder, user="robot", password="s3cret:with colon"):
        self.folder = os.path.join(folder, "https")
        os.mkdir(self.folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        self.server.root = root
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port, self.user, self.password = free_port(), user, password
        self.ca_file = f"{self.folder}/cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{self.folder}/key.pem", "-out",
                        self.ca_file], check=True, capture_output=True)
        line = subprocess.run(["openssl", "passwd", "-apr1", password], check=True, capture_output=True, text=True).stdout
        with open(f"{self.folder}/users", "w") as f:
            f.write(f"{user}:{line}")
        temporary = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(f"{self.folder}/nginx.conf", "w") as f:
            f.write(("user root; " if os.getuid() == 0 else "") + f"daemon off; pid {self.folder}/pid; error_log stderr; events {{}}\n"
                    f"http {{ access_log {self.folder}/access; {temporary}\nserver {{ listen 127.0.0.1:{self.port} ssl; ssl_certificate {self.ca_file}; "
                    f"ssl_certificate_key {self.folder}/key.pem; client_max_body_size 0; auth_basic git; auth_basic_user_file {self.folder}/users;\n"
                    f"location /moved/ {{ return 302 https://127.0.0.1:{self.port}/deploy.git/info/refs?service=git-upload-pack; }}\n"
                    f"location / {{ proxy_pass http://127.0.0.1:{self.server.server_address[1]}; proxy_http_version 1.1; }} }} }}\n")
        self.nginx = subprocess.Popen(["nginx", "-p", self.folder, "-c", f"{self.folder}/nginx.conf"], stderr=subprocess.DEVNULL,
                                      preexec_fn=die_with_parent)
        await_port(self.port)

    def url(self, name):
        return f"https://127.0.0.1:{self.port}/{name}"

    def close(self):
        self.nginx.terminate()
        self.nginx.wait()
        self.server.shutdown()
        self.server.server_close()


class SshGit:
    """An sshd that runs git for one key, and nothing else."""

    def __init__(self, root, folder):
        self.root, self.folder, self.port = root, os.path.join(folder, "ssh"), free_port()
        os.mkdir(self.folder, 0o700)
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.folder}/{name}"], check=True)
        self.key_file = f"{self.folder}/client"
        with open(f"{self.folder}/client.pub") as f, open(f"{self.folder}/authorized", "w") as out:
            out.write(f'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" {f.read()}')
        with open(f"{self.folder}/host.pub") as f, open(f"{self.folder}/known_hosts", "w") as out:
            out.write(f"[127.0.0.1]:{self.port} {' '.join(f.read().split()[:2])}\n")
        self.known_hosts = f"{self.folder}/known_hosts"
        with open(f"{self.folder}/config", "w") as f:
            f.write(f"ListenAddress 127.0.0.1:{self.port}\nHostKey {self.folder}/host\nAuthorizedKeysFile {self.folder}/authorized\n"
                    f"PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                    f"PermitRootLogin prohibit-password\n")
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)  # as the package's own service does
        self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", f"{self.folder}/config"], stderr=open(f"{self.folder}/log", "w"),
                                        preexec_fn=die_with_parent)
        await_port(self.port)

    def url(self, name):
        return f"ssh://{pwd.getpwuid(os.getuid()).pw_name}@127.0.0.1:{self.port}{self.root}/{name}"

    def close(self):
        self.process.terminate()
        self.process.wait()
