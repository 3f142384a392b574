#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/dump/byte_reader.h"
#include "storage/dump/intset.h"
#include "storage/dump/listpack.h"
#include "storage/dump/payload.h"
#include "storage/dump/stream_node.h"
#include "storage/dump/value.h"
#include "tests/storage/dump/old_forms.h"

namespace holdfast::storage::dump {

// A payload's body, piece by piece.
class BodyWriter {
 public:
  explicit BodyWriter(Form form) : bytes_(1, static_cast<char>(form)) {}

  BodyWriter& Length(uint64_t length) {
    AppendLength(bytes_, length);
    return *this;
  }
  BodyWriter& Text(std::string_view text) {
    AppendString(bytes_, text);
    return *this;
  }
  BodyWriter& Texts(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) Text(text);
    return *this;
  }
  BodyWriter& Bytes(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  BodyWriter& Number(uint64_t number) {
    AppendLittleEndian(bytes_, number, 8);
    return *this;
  }
  BodyWriter& Id(uint64_t ms, uint64_t sequence) {
    AppendStreamId(bytes_, {ms, sequence});
    return *this;
  }
  [[nodiscard]] std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

inline std::string ListpackOf(const std::vector<std::string>& words) {
  ListpackWriter writer;
  for (const std::string& word : words) writer.Append(word);
  return writer.Finish();
}

// Entries of the node 5-1: 5-1 f v, 5-2 f 12 (deleted), 7-0 a b c d.
inline std::string SampleNode() {
  return ListpackOf({"2", "1", "1",  "f",  "0",  //
                     "2", "0", "0",  "v",  "4",  //
                     "3", "0", "1",  "12", "4",  //
                     "0", "2", "-1", "2",  "a", "b", "c", "d", "8"});
}

// A stream of that node, last id 9-9, and a group that has given 5-1 to one consumer, 5-2 and 7-0 to another.
inline std::string SampleStream(Form form) {
  BodyWriter body(form);
  const std::string id("\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\1", 16);
  body.Length(1).Text(id).Text(SampleNode()).Length(2).Length(9).Length(9);
  if (form != Form::kStream) body.Length(5).Length(1).Length(5).Length(2).Length(4);
  body.Length(2).Text("empty").Length(0).Length(0);
  if (form != Form::kStream) body.Length(UINT64_MAX);
  body.Length(0).Length(0).Text("group").Length(7).Length(0);
  if (form != Form::kStream) body.Length(3);
  body.Length(3);
  for (const auto& [ms, sequence] : {std::pair(5, 1), std::pair(5, 2), std::pair(7, 0)}) {
    body.Id(static_cast<uint64_t>(ms), static_cast<uint64_t>(sequence)).Number(1700000000000).Length(1);
  }
  body.Length(2).Text("one").Number(1700000000001);
  if (form == Form::kStream72) body.Number(1700000000000);
  body.Length(1).Id(5, 1).Text("2").Number(1700000000002);
  if (form == Form::kStream72) body.Number(UINT64_MAX);
  body.Length(2).Id(5, 2).Id(7, 0);
  return body.Take();
}

// One of each form, and more of those that vary.
inline std::vector<std::string> SampleBodies() {
  const std::vector<std::string> words = {"a",    "1", "", "-300", "text that is a little longer than short",
                                          "70000"};
  const std::vector<std::string> pairs = {"f", "1", "g", "text", "", "-70000", "h", std::string(70, 'h')};
  const std::vector<std::string> scores = {"low", "-inf", "one", "1", "more", "1.5", "high", "inf"};
  std::vector<std::string> many;
  for (int i = 0; i < 200; ++i) many.push_back(std::to_string(i * 1000));
  std::vector<std::string> bodies = {
      BodyWriter(Form::kString).Text("text").Take(),
      BodyWriter(Form::kString).Text("-70000").Take(),
      BodyWriter(Form::kString).Bytes({"\xc3\x05\x14\x00\x61\xe0\x0a\x00", 8}).Take(),
      BodyWriter(Form::kList).Length(6).Texts(words).Take(),
      BodyWriter(Form::kSet).Length(6).Texts(words).Take(),
      BodyWriter(Form::kSet).Length(200).Texts(many).Take(),
      BodyWriter(Form::kSortedSetDigits)
          .Length(3)
          .Text("a")
          .Bytes("\x03"
                 "1.5")
          .Text("b")
          .Bytes("\xfe")
          .Text("c")
          .Bytes("\xff")
          .Take(),
      BodyWriter(Form::kHash).Length(4).Texts(pairs).Take(),
      BodyWriter(Form::kHash).Length(100).Texts(many).Take(),
      BodyWriter(Form::kSortedSet)
          .Length(2)
          .Text("a")
          .Number(0x3ff8000000000000)
          .Text("b")
          .Number(0xfff0000000000000)
          .Take(),
      BodyWriter(Form::kHashZipmap).Text(MakeZipmap(pairs, 2)).Take(),
      BodyWriter(Form::kListZiplist).Text(MakeZiplist(words)).Take(),
      BodyWriter(Form::kSetIntset).Text(MakeIntset(std::vector<int64_t>{-5, 0, 70000})).Take(),
      BodyWriter(Form::kSortedSetZiplist).Text(MakeZiplist(scores)).Take(),
      BodyWriter(Form::kHashZiplist).Text(MakeZiplist(pairs)).Take(),
      BodyWriter(Form::kListOfZiplists)
          .Length(3)
          .Text(MakeZiplist(words))
          .Text(MakeZiplist({}))
          .Text(MakeZiplist({"last"}))
          .Take(),
      BodyWriter(Form::kHashListpack).Text(ListpackOf(pairs)).Take(),
      BodyWriter(Form::kSortedSetListpack).Text(ListpackOf(scores)).Take(),
      BodyWriter(Form::kListOfNodes)
          .Length(3)
          .Length(kNodeOfListpack)
          .Text(ListpackOf(words))
          .Length(kNodeOfElement)
          .Text("alone")
          .Length(kNodeOfListpack)
          .Text(ListpackOf(many))
          .Take(),
      BodyWriter(Form::kSetListpack).Text(ListpackOf(words)).Take(),
  };
  for (const Form form : {Form::kStream, Form::kStream70, Form::kStream72})
    bodies.push_back(SampleStream(form));
  return bodies;
}

}  // namespace holdfast::storage::dump
