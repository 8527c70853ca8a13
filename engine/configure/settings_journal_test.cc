// The journal of settings over restarts, cuts and second processes.
#include "engine/configure/settings_journal.h"

#include <errno.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "engine/testing/temporary_folder.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

class SettingsJournalTest : public ::testing::Test {
 protected:
  SettingsJournalTest() { file_ = folder_ / "state" / "state.ndjson"; }

  static SettingChange pages(const std::string& before) {
    return {{SettingKind::kSysctl, "", "vm.nr_hugepages"}, before, "64"};
  }
  static SettingChange channels() {
    return {{SettingKind::kChannels, "eth0", "channels"}, "8 \"quoted\"\n", "2"};
  }
  std::string text() const {
    std::ifstream stream(file_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write(const std::string& text) const {
    fs::create_directory(file_.parent_path());
    fs::permissions(file_.parent_path(), fs::perms::owner_all);
    std::ofstream(file_) << text;
  }

  const TemporaryFolder temporary_;
  const fs::path folder_ = temporary_.path();
  fs::path file_;
};

TEST_F(SettingsJournalTest, KeepsWhatIsAppendedUntilItIsDone) {
  {
    auto journal = SettingsJournal::open(file_);
    ASSERT_TRUE(journal) << journal.error().message();
    EXPECT_TRUE(journal->changes().empty());
    ASSERT_TRUE(journal->append(pages("0")));
    ASSERT_TRUE(journal->append(channels()));
    EXPECT_EQ(journal->find(channels().setting)->before, channels().before);
    EXPECT_EQ(journal->find({SettingKind::kSysctl, "", "vm.swappiness"}), nullptr);
  }
  EXPECT_EQ(*SettingsJournal::read(file_), (std::vector<SettingChange>{pages("0"), channels()}));
  {
    auto journal = SettingsJournal::open(file_);
    ASSERT_TRUE(journal) << journal.error().message();
    ASSERT_TRUE(journal->keep({channels()}));
    EXPECT_EQ(*SettingsJournal::read(file_), (std::vector<SettingChange>{channels()}));
    ASSERT_TRUE(journal->append(pages("1")));
    EXPECT_EQ(*SettingsJournal::read(file_), (std::vector<SettingChange>{channels(), pages("1")}));
    ASSERT_TRUE(journal->keep({}));
  }
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_TRUE(SettingsJournal::read(file_)->empty());
}

TEST_F(SettingsJournalTest, ALineThatAKillCutShortWasNeverActedUpon) {
  {
    auto journal = SettingsJournal::open(file_);
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->append(pages("0")));
  }
  const std::string whole = text();
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    write(whole + whole.substr(0, cut));
    auto journal = SettingsJournal::open(file_);
    ASSERT_TRUE(journal) << cut << ": " << journal.error().message();
    EXPECT_EQ(journal->changes(), (std::vector<SettingChange>{pages("0")})) << cut;
    EXPECT_EQ(text(), whole) << "what is appended next stands on a line of its own";
  }
}

TEST_F(SettingsJournalTest, BelongsToOneProcessAtATime) {
  auto journal = SettingsJournal::open(file_);
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->append(pages("0")));
  ASSERT_TRUE(journal->append(channels()));
  EXPECT_EQ(SettingsJournal::open(file_).error().code, EBUSY);
  ASSERT_TRUE(journal->keep({channels()}));  // another file in its place
  EXPECT_EQ(SettingsJournal::open(file_).error().code, EBUSY);
}

TEST_F(SettingsJournalTest, ActsOnNothingThatOthersMayHaveWritten) {
  write("");
  fs::permissions(file_.parent_path(), fs::perms::owner_all | fs::perms::others_write);
  const auto shared = SettingsJournal::open(file_);
  ASSERT_FALSE(shared);
  EXPECT_EQ(shared.error().code, EPERM);
}

TEST_F(SettingsJournalTest, SaysWhichLineIsNone) {
  const std::string good =
      R"({"kind":"device","interface":"eth0","name":"gro_flush_timeout","before":"0","set":"2"})";
  const std::string bad[] = {"",
                             "x",
                             "[]",
                             "{}",
                             R"({"kind":"file","interface":"","name":"x","before":"","set":""})",
                             R"({"kind":"sysctl","interface":"","name":"..","before":"","set":""})",
                             R"({"kind":"sysctl","interface":"","name":"a/../../etc","before":"","set":""})",
                             R"({"kind":"device","interface":"../..","name":"x","before":"","set":""})",
                             R"({"kind":"device","interface":"","name":"x","before":"","set":""})",
                             R"({"kind":"sysctl","interface":"","name":"x","before":0,"set":""})"};
  for (const std::string& line : bad) {
    std::string text = good + "\n";
    text.append(line).append("\n");
    write(text);
    const auto journal = SettingsJournal::open(file_);
    ASSERT_FALSE(journal) << line;
    EXPECT_NE(journal.error().what.find("line 2 is no change"), std::string::npos) << journal.error().what;
  }
}

}  // namespace
}  // namespace penstock
