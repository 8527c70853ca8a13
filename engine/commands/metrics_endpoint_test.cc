// The endpoint of the real binary on a veth: what it says when, and that no client of it is felt by the
// tiles. argv[1] is the binary. Needs root.
#include "engine/commands/metrics_endpoint.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/run_process.h"
#include "engine/http/client.h"
#include "engine/http/testing/raw_client.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

constexpr Nanoseconds kGenerous = 20 * kSecond;

// Stops one thread of a child as if it hung, until the object goes.
class HungThread {
 public:
  HungThread(pid_t process, const std::string& name) {
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
      if (text_of(task.path() / "comm") == name + "\n") thread_ = std::stoi(task.path().filename().string());
    }
    EXPECT_EQ(ptrace(PTRACE_SEIZE, thread_, nullptr, nullptr), 0) << name;
    EXPECT_EQ(ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr), 0);
    EXPECT_EQ(waitpid(thread_, nullptr, __WALL), thread_);
  }
  ~HungThread() { ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }
  HungThread(const HungThread&) = delete;
  HungThread& operator=(const HungThread&) = delete;

 private:
  pid_t thread_ = -1;
};

class MetricsEndpointTest : public ReceiverOnVeth {
 protected:
  void SetUp() override {
    ReceiverOnVeth::SetUp();
    engine_.emplace(kConfig);
    ASSERT_TRUE(engine_->says("receiving on")) << engine_->output();
    const std::string said = engine_->output();
    const std::string before = "metrics at http://";
    const std::size_t at = said.find(before);
    ASSERT_NE(at, std::string::npos) << said;
    const std::size_t from = at + before.size();
    const auto address = ListenAddress::parse(said.substr(from, said.find('/', from) - from));
    ASSERT_TRUE(address) << address.error().message();
    address_ = *address;
  }

  HttpPage page(std::string_view path) const {
    const auto page = http_get(address_, path, kGenerous);
    EXPECT_TRUE(page) << page.error().message();
    return page.value_or(HttpPage{});
  }
  bool says(std::string_view path, int status, const std::string& text) const {
    for (int i = 0; i < 1'000; ++i) {
      const HttpPage now = page(path);
      if (now.status == status && now.body.find(text) != std::string::npos) return true;
      usleep(10'000);
    }
    return false;
  }
  // Sends in bursts that a ring holds, each when the one before was consumed.
  void send_and_expect(int datagrams) {
    for (int sent = 0; sent < datagrams;) {
      for (int i = 0; i < 100; ++i, ++sent)
        send();
      ASSERT_TRUE(says("/metrics", 200, "\npenstock_sink_consumed_total " + std::to_string(sent) + "\n"))
          << page("/metrics").body;
    }
  }

  static constexpr char kConfig[] =
      "interface = \"pen1\"\nports = [8003]\n[receiver]\nrx_entries = 256\n"
      "[threads]\non_stall = \"report\"\n[metrics]\nlisten = \"127.0.0.1:0\"\n";
  std::optional<RunProcess> engine_;
  ListenAddress address_;
};

TEST_F(MetricsEndpointTest, ShowsCountersAndFacts) {
  EXPECT_EQ(page("/healthz").status, 200);
  EXPECT_EQ(page("/readyz").status, 200);
  EXPECT_EQ(page("/").status, 404);
  run("grep -qx pen-http /proc/" + std::to_string(engine_->pid()) + "/task/*/comm");
  send_and_expect(300);
  ASSERT_TRUE(says("/metrics", 200, "\npenstock_xdp_redirect_total 300\n"));  // 50 ms behind at most
  const std::string text = page("/metrics").body;
  for (const char* line :
       {"\npenstock_published_total{port=\"8003\"} 300\n",
        "\npenstock_receiver_info{path=\"kernel_filter\",mode=\"native copy\"} 1\n", "\npenstock_ready 1\n",
        "\npenstock_config_info{interface=\"pen1\",companion=\"own\",", "\npenstock_receiver_sockets 1\n",
        "\npenstock_device_rx_packets_total 30", "\npenstock_thread_cpu_seconds_total{thread=\"pen-net\"} "})
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
}

TEST_F(MetricsEndpointTest, IsNotReadyWhileTheInterfaceIsDown) {
  ASSERT_TRUE(says("/readyz", 200, "ok"));
  run("ip link set pen1 down");
  EXPECT_TRUE(says("/readyz", 503, "pen1 is down"));
  EXPECT_EQ(page("/healthz").status, 200) << "a restart would not help";
  EXPECT_NE(page("/metrics").body.find("\npenstock_interface_up 0\n"), std::string::npos);
  run("ip link set pen1 up");
  EXPECT_TRUE(says("/readyz", 200, "ok"));
}

TEST_F(MetricsEndpointTest, IsNeitherReadyNorWellWhileATileStandsStill) {
  {
    const HungThread hung(engine_->pid(), "pen-net");
    EXPECT_TRUE(says("/readyz", 503, "stands still: pen-net"));
    EXPECT_TRUE(says("/healthz", 503, "stands still: pen-net"));
    EXPECT_NE(page("/metrics").body.find("\npenstock_tile_stalls_total{tile=\"net\"} 1\n"),
              std::string::npos);
  }
  EXPECT_TRUE(says("/readyz", 200, "ok"));
  EXPECT_TRUE(says("/healthz", 200, "ok"));
}

TEST_F(MetricsEndpointTest, NoClientIsFeltByTheTiles) {
  std::atomic<bool> over = false;
  std::vector<std::thread> clients;
  const auto hostile = [&](const std::string& bytes, bool listens) {
    clients.emplace_back([this, &over, bytes, listens] {
      while (!over) {
        const RawClient client(address_, 2048);
        client.say(bytes);
        if (listens) client.hear();
        usleep(1'000);
      }
    });
  };
  hostile(std::string(200'000, '\x16'), false);                            // garbage
  hostile("GET /metrics HTTP/1.1\r\n" + std::string(200'000, 'A'), true);  // a request without end
  hostile("GET /met", true);                                               // half a request
  hostile("GET /metrics HTTP/1.1\r\n\r\n", false);                         // goes before the answer
  std::vector<RawClient> holders;                                          // and some stay for good
  for (int i = 0; i < 12; ++i) {
    holders.emplace_back(address_, 2048);
    holders.back().say(i % 2 == 0 ? "G" : "GET /metrics HTTP/1.1\r\n\r\n");
  }

  send_and_expect(3'000);
  over = true;
  for (std::thread& client : clients)
    client.join();
  const std::string text = page("/metrics").body;
  EXPECT_NE(text.find("\npenstock_rx_ring_full_total 0\n"), std::string::npos);
  EXPECT_NE(text.find("\npenstock_overrun_total{consumer=\"sink\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("\npenstock_tile_stalls_total{tile=\"net\"} 0\n"), std::string::npos);
  engine_->signal(SIGTERM);
  EXPECT_EQ(engine_->wait(), 0);
  EXPECT_NE(engine_->output().find("stopped after 3000 datagrams, 0 of them by the slow way; 0 lost"),
            std::string::npos)
      << engine_->output();
}

TEST_F(MetricsEndpointTest, AnAddressThatIsTakenCostsTheMetricsAlone) {
  RunProcess second("interface = \"pen1\"\npath = \"udp\"\nports = [8009]\n[metrics]\nlisten = \"" +
                        address_.to_string() + "\"\n",
                    "second");
  ASSERT_TRUE(second.says("receiving on")) << second.output();
  EXPECT_NE(second.output().find("no metrics: listen on " + address_.to_string() + ": EADDRINUSE"),
            std::string::npos)
      << second.output();
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait(), 0);
}

TEST(MetricsEndpoint, IsWellButNotReadyBeforeTheReceiverIsOpenAndWhenItStops) {
  const auto endpoint = MetricsEndpoint::start({.metrics_listen = "127.0.0.1:0"});
  ASSERT_TRUE(endpoint) << endpoint.error().message();
  const auto expect = [&](std::string_view path, int status, const std::string& text) {
    const auto page = http_get((*endpoint)->address(), path, kGenerous);
    ASSERT_TRUE(page) << page.error().message();
    EXPECT_EQ(page->status, status);
    EXPECT_EQ(page->body, text + "\n");
  };
  expect("/healthz", 200, "ok");
  expect("/readyz", 503, "the receiver is not open yet");
  expect("/metrics", 503, "the receiver is not open yet");
  (*endpoint)->hide("stopping");
  expect("/readyz", 503, "stopping");
}

TEST(MetricsEndpoint, CanBeLeftOut) {
  const auto none = MetricsEndpoint::start({.metrics_listen = ""});
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
}

}  // namespace
}  // namespace penstock
