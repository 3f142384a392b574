#include "storage/view.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "storage/transaction.h"

namespace holdfast::storage {
namespace {

using Map = std::map<std::string, std::string>;

// A base layer over a plain map.
class MapReader : public Reader {
 public:
  class MapCursor : public Cursor {
   public:
    explicit MapCursor(const Map& map) : map_(map), at_(map.end()) {}
    void Seek(std::string_view key) override { at_ = map_.lower_bound(std::string(key)); }
    void SeekBefore(std::string_view key) override {
      at_ = map_.lower_bound(std::string(key));
      Prev();
    }
    void Next() override { ++at_; }
    void Prev() override { at_ = at_ == map_.begin() ? map_.end() : std::prev(at_); }
    [[nodiscard]] bool valid() const override { return at_ != map_.end(); }
    [[nodiscard]] std::string_view key() const override { return at_->first; }
    [[nodiscard]] std::string_view value() const override { return at_->second; }

   private:
    const Map& map_;
    Map::const_iterator at_;
  };

  explicit MapReader(Map map) : map_(std::move(map)) {}
  std::optional<std::string_view> Get(std::string_view key) override {
    auto found = map_.find(std::string(key));
    if (found == map_.end()) return std::nullopt;
    return found->second;
  }
  std::unique_ptr<Cursor> NewCursor() override { return std::make_unique<MapCursor>(map_); }
  void Release() override {}
  [[nodiscard]] const absl::Status& fault() const override { return ok_; }

 private:
  Map map_;
  absl::Status ok_;
};

std::string KeyOf(unsigned number) { return "k" + std::to_string(100 + number); }

void ExpectSame(View& view, const Map& model) {
  std::unique_ptr<Cursor> cursor = view.NewCursor();
  Map forward;
  for (cursor->Seek(""); cursor->valid(); cursor->Next()) forward.emplace(cursor->key(), cursor->value());
  EXPECT_EQ(forward, model);
  Map backward;
  for (cursor->SeekBefore("\xff"); cursor->valid(); cursor->Prev()) {
    backward.emplace(cursor->key(), cursor->value());
  }
  EXPECT_EQ(backward, model);
}

// Random puts, deletes, rollbacks and freezes over three layers, held against a plain map.
TEST(ViewTest, EveryLayeringReadsLikeAMap) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    Map model;
    for (unsigned i = 0; i < 100; ++i) {
      if (random() % 2 == 0) model[KeyOf(i)] = "base";
    }
    auto base = std::make_unique<MapReader>(model);
    View view(base.get());
    Transaction transaction(view, seed);
    Transaction::Mark mark = transaction.mark();
    Map at_mark = model;
    Map at_freeze;
    for (int step = 0; step < 200; ++step) {
      const std::string key = KeyOf(random() % 100);
      switch (random() % 8) {
        case 0:
          transaction.RollbackTo(mark);
          model = at_mark;
          break;
        case 1:
          if (view.frozen() == nullptr) {
            transaction.Clear();
            view.Freeze();
            at_freeze = model;
          } else {
            transaction.Clear();
            // What a checkpoint leaves: the frozen layer is in the base; the active one still lies above.
            base = std::make_unique<MapReader>(at_freeze);
            view.Rebase(base.get());
          }
          mark = transaction.mark();
          at_mark = model;
          break;
        case 2:
        case 3:
        case 4:
          transaction.Delete(key);
          model.erase(key);
          break;
        case 5:
          if (!model.contains(key)) {
            transaction.Insert(key, "insert");
            model[key] = "insert";
          }
          break;
        default:
          transaction.Put(key, std::to_string(step));
          model[key] = std::to_string(step);
      }
      const std::string from = KeyOf(random() % 100);
      std::unique_ptr<Cursor> cursor = view.NewCursor();
      cursor->Seek(from);
      auto expected = model.lower_bound(from);
      ASSERT_EQ(cursor->valid(), expected != model.end()) << "seed " << seed << " step " << step;
      if (cursor->valid()) {
        ASSERT_EQ(cursor->key(), expected->first);
      }
      cursor->SeekBefore(from);
      ASSERT_EQ(cursor->valid(), expected != model.begin()) << "seed " << seed << " step " << step;
      if (cursor->valid()) {
        ASSERT_EQ(cursor->key(), std::prev(expected)->first);
      }
      auto value = view.Get(key);
      ASSERT_EQ(value.has_value(), model.contains(key));
      if (value) {
        ASSERT_EQ(*value, model[key]);
      }
    }
    ExpectSame(view, model);
  }
}

TEST(ViewTest, CursorGoesOnWhileItsMapChanges) {
  View view;
  Transaction transaction(view, 0);
  for (unsigned i = 0; i < 50; ++i) transaction.Insert(KeyOf(i), "v");
  std::unique_ptr<Cursor> cursor = view.NewCursor();
  unsigned seen = 0;
  for (cursor->Seek(""); cursor->valid(); cursor->Next(), ++seen) {
    EXPECT_EQ(cursor->key(), KeyOf(seen));
    transaction.Delete(KeyOf(seen));
  }
  EXPECT_EQ(seen, 50U);
  ExpectSame(view, {});
}

TEST(ViewTest, DeleteOfInsertLeavesNothingBehind) {
  View view;
  Transaction transaction(view, 0);
  transaction.Insert("a", "1");
  transaction.Delete("a");
  EXPECT_TRUE(view.active().empty());
}

TEST(ViewTest, InsertOverDeleteKeepsHidingTheBase) {
  MapReader base(Map{{"a", "old"}});
  View view(&base);
  Transaction transaction(view, 0);
  transaction.Delete("a");
  transaction.Insert("a", "new");
  transaction.Delete("a");
  EXPECT_EQ(view.Get("a"), std::nullopt);
}

}  // namespace
}  // namespace holdfast::storage
