// The servers of the benchmark, on one port of loopback: module proxies that are folders, git repositories by `git http-backend`,
// and a checksum database. Both sides of a comparison ask it, it is nobody's own code, and it counts its own time apart.
//
// It prints one line of JSON when it is ready: `url`, and `key`, the name and key of the database. What goes to /-/ controls it:
//
//	/-/use                requests and bytes a kind, and the CPU seconds of the server and of the git that it ran
//	/-/delay?ms=30        each answer comes so much later
//	/-/proxy?name=N&dir=D serves the folder D as the module proxy /proxy/N
//	/-/git?path=P&dir=D   serves the bare repository D in the place of P; of no D, the one below the root again
//	/-/sums?file=F        the database has the lines of the go.sum F
//	/-/flip?path=P&at=N   the byte N of what is served at P has one bit changed; of no path, of nothing
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

type server struct {
	root, git, signer string

	mu      sync.Mutex
	delay   time.Duration
	proxies map[string]string
	moved   map[string]string
	flipped string
	at      int64
	lines   map[string][]byte
	base    http.Handler
	use     map[string]*use
}

type use struct {
	Requests int64 `json:"requests"`
	Bytes    int64 `json:"bytes"`
}

func main() {
	root := flag.String("git", "", "the folder of bare repositories")
	flag.Parse()
	backend, err := exec.LookPath("git")
	if err != nil {
		log.Fatal(err)
	}
	signer, key, err := note.GenerateKey(rand.Reader, "sums.bench.example")
	if err != nil {
		log.Fatal(err)
	}
	s := &server{root: *root, git: backend, signer: signer, proxies: map[string]string{},
		moved: map[string]string{}, lines: map[string][]byte{}, use: map[string]*use{}}
	s.base = s.database()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	ready, _ := json.Marshal(map[string]string{"url": "http://" + listener.Addr().String(), "key": key})
	fmt.Println(string(ready))
	log.Fatal(http.Serve(listener, s))
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if kind == "-" {
		s.control(w, rest, r.FormValue)
		return
	}
	s.mu.Lock()
	delay, base, flip := s.delay, s.base, s.flipped != "" && r.URL.Path == s.flipped
	s.mu.Unlock()
	counted := &counter{ResponseWriter: w}
	defer func() { s.count(kind, counted.bytes) }()
	time.Sleep(delay)
	switch {
	case kind == "proxy" && flip:
		s.serveFlipped(counted, rest)
	case kind == "proxy":
		s.serveFile(counted, r, rest)
	case kind == "git":
		s.serveGit(counted, r, rest)
	case kind == "sumdb":
		http.StripPrefix("/sumdb", base).ServeHTTP(counted, r)
	default:
		http.NotFound(counted, r)
	}
}

func (s *server) control(w http.ResponseWriter, what string, value func(string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch what {
	case "use":
		json.NewEncoder(w).Encode(map[string]any{"kinds": s.use, "cpu_s": cpu()})
	case "delay":
		ms, err := strconv.ParseFloat(value("ms"), 64)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.delay = time.Duration(ms * float64(time.Millisecond))
	case "proxy":
		s.proxies[value("name")] = value("dir")
	case "git":
		s.moved[value("path")] = value("dir")
	case "sums":
		lines, err := readSums(value("file"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.lines = lines
		s.base = s.database()
	case "flip":
		s.flipped, s.at = value("path"), 0
		if s.flipped == "" {
			return
		}
		at, err := strconv.ParseInt(value("at"), 10, 64)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.at = at
	default:
		http.Error(w, "unknown: "+what, http.StatusBadRequest)
	}
}

func (s *server) count(kind string, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.use[kind] == nil {
		s.use[kind] = &use{}
	}
	s.use[kind].Requests++
	s.use[kind].Bytes += bytes
}

// cpu returns the seconds of this process and of those that it waited for.
func cpu() float64 {
	var total float64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if syscall.Getrusage(who, &used) == nil {
			total += float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
		}
	}
	return total
}

// file returns where the file of a proxy lies.
func (s *server) file(rest string) (string, bool) {
	name, rest, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	dir, found := s.proxies[name]
	return filepath.Join(dir, filepath.FromSlash(path.Clean("/"+rest))), found
}

func (s *server) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	name, found := s.file(rest)
	if !found {
		http.NotFound(w, r)
		return
	}
	file, err := os.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, file)
}

func (s *server) serveFlipped(w http.ResponseWriter, rest string) {
	name, _ := s.file(rest)
	content, err := os.ReadFile(name)
	s.mu.Lock()
	at := s.at
	s.mu.Unlock()
	if err != nil || at >= int64(len(content)) {
		http.Error(w, fmt.Sprintf("no byte %d of %s: %v", at, name, err), http.StatusInternalServerError)
		return
	}
	content[at] ^= 1
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	w.Write(content)
}

func (s *server) serveGit(w http.ResponseWriter, r *http.Request, rest string) {
	root, target := s.root, "/"+rest
	s.mu.Lock()
	for path, dir := range s.moved {
		if dir != "" && strings.HasPrefix(rest+"/", path+"/") {
			root, target = dir, strings.TrimPrefix(rest, path)
		}
	}
	s.mu.Unlock()
	// CGI knows no chunked bodies
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	env := []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_PROTOCOL=" + r.Header.Get("Git-Protocol"),
		"PATH_INFO=" + target, "REMOTE_USER=", "REMOTE_ADDR=127.0.0.1"}
	handler := &cgi.Handler{Path: s.git, Args: []string{"http-backend"}, Env: env,
		InheritEnv: []string{"GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "HOME", "PATH"}, Stderr: os.Stderr}
	handler.ServeHTTP(w, r)
}

func (s *server) database() http.Handler {
	lines := s.lines
	return sumdb.NewServer(sumdb.NewTestServer(s.signer, func(path, version string) ([]byte, error) {
		if found := lines[path+"@"+version]; found != nil {
			return found, nil
		}
		return nil, os.ErrNotExist // as it is, which is answered with 404
	}))
}

// readSums returns the lines of a go.sum by module version.
func readSums(file string) (map[string][]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lines := map[string][]byte{}
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) != 3 {
			return nil, fmt.Errorf("%s: not a line of a go.sum: %q", file, line)
		}
		key := string(fields[0]) + "@" + strings.TrimSuffix(string(fields[1]), "/go.mod")
		lines[key] = append(lines[key], line...)
	}
	return lines, nil
}

// counter counts the bytes of a body, and leaves the kernel's own way of copying files open.
type counter struct {
	http.ResponseWriter
	bytes int64
}

func (c *counter) Write(part []byte) (int, error) {
	n, err := c.ResponseWriter.Write(part)
	c.bytes += int64(n)
	return n, err
}

func (c *counter) ReadFrom(from io.Reader) (int64, error) {
	n, err := io.Copy(c.ResponseWriter, from) // to a file's own way to a socket
	c.bytes += n
	return n, err
}
