// The journal: what is on disk when, and who may write it.
#include "sim/lab/journal.h"

#include <errno.h>

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace penstock {
namespace {

const std::vector<JournalPort> kPorts{{.interface = "eth2", .bus = "0000:3b:00.0", .index = 5}};
const Change kRings{.interface = "eth2", .setting = "rings", .was = "rx=512", .becomes = "rx=4096"};
const Change kMtu{.interface = "eth2", .setting = "mtu", .was = "1500", .becomes = "3498"};

class JournalTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove(path_); }

  std::string text() const {
    std::ifstream in(path_);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  const std::filesystem::path path_ = std::filesystem::path(::testing::TempDir()) / "folder" / "lab.journal";
};

TEST_F(JournalTest, TellsTheNextRunWhatThisOneChanged) {
  {
    Result<Journal> journal = Journal::open(path_);
    ASSERT_TRUE(journal) << journal.error().message();
    EXPECT_TRUE(journal->left_over().empty());
    ASSERT_TRUE(journal->begin(kPorts));
    ASSERT_TRUE(journal->note(std::vector{kRings, kMtu}));
  }  // as a kill -9 ends it: without remove()
  const Result<Journal> next = Journal::open(path_);
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_EQ(next->left_over().ports, kPorts);
  EXPECT_EQ(next->left_over().changes, (std::vector{kRings, kMtu}));
  EXPECT_EQ(next->left_over().boot, boot_id());
  EXPECT_EQ(next->left_over().pid, getpid());
}

TEST_F(JournalTest, KeepsWhatWasFoundWhenASettingChangesAgain) {
  Result<Journal> journal = Journal::open(path_);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->begin(kPorts));
  ASSERT_TRUE(journal->note(std::vector{kMtu}));
  const std::string before = text();
  ASSERT_TRUE(journal->note(std::vector{Change{"eth2", "mtu", "3498", "576"}}));
  EXPECT_EQ(text(), before);
  EXPECT_EQ(journal->changes(), std::vector{kMtu});
}

TEST_F(JournalTest, ALineThatIsCutIsOfAChangeThatWasNotMade) {
  {
    Result<Journal> journal = Journal::open(path_);
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->begin(kPorts));
    ASSERT_TRUE(journal->note(std::vector{kRings}));
    ASSERT_TRUE(journal->note(std::vector{kMtu}));
  }
  const std::string whole = text();
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t size = last; size < whole.size(); ++size) {
    std::ofstream(path_, std::ios::trunc) << whole.substr(0, size);
    const Result<Journal> next = Journal::open(path_);
    ASSERT_TRUE(next) << size << ": " << next.error().message();
    EXPECT_EQ(next->left_over().changes, std::vector{kRings}) << size;
  }
}

TEST_F(JournalTest, BelongsToOneRunAtATime) {
  Result<Journal> journal = Journal::open(path_);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->begin(kPorts));
  const Result<Journal> other = Journal::open(path_);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, EBUSY);
  EXPECT_NE(other.error().what.find(std::to_string(getpid())), std::string::npos) << other.error().what;
  ASSERT_TRUE(journal->remove());
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(Journal::open(path_)) << "another file by the same name";
}

TEST_F(JournalTest, LeavesAFileAloneThatIsNoJournal) {
  std::filesystem::create_directories(path_.parent_path());
  const std::string precious = "root:x:0:0\n";
  std::ofstream(path_) << precious;
  const Result<Journal> journal = Journal::open(path_);
  ASSERT_FALSE(journal);
  EXPECT_NE(journal.error().what.find("is no journal"), std::string::npos);
  EXPECT_EQ(text(), precious);
}

}  // namespace
}  // namespace penstock
