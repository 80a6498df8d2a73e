import { type Part, setBucket } from "./structure.ts";

const BOM = "\uFEFF";
const open = (id: string): string => `resource "aws_s3_bucket" "${id}" {\n  bucket = "${id}-bucket"\n`;

/** Files as people have them on disk: only what drifted changes, to the last byte. */
export const FORMAT_PARTS: readonly Part[] = [
  {
    id: "f1",
    form: "heredoc beside trailing comments: an argument adopted after it",
    code: `${open("f1")}  acl    = "private" # who\n  tags = {\n    note = <<-EOT\n      text # no comment\n    EOT\n    team = "a" # trailing\n  } # after\n}\n`,
    console: setBucket("f1", { acl: "public-read", tags: { note: "text # no comment\n", team: "b" } }),
    has: [
      'acl    = "public-read" # who\n',
      'text # no comment\n    EOT\n    team = "b" # trailing\n  } # after\n',
    ],
  },
  {
    id: "f2",
    form: "file without a newline at its end",
    code: `${open("f2")}  acl = "private"\n}`,
    console: setBucket("f2", { acl: "public-read" }),
    has: ['acl = "public-read"\n}'],
  },
  {
    id: "f3",
    form: "file with a byte order mark",
    code: `${BOM}# first line\n${open("f3")}  acl    = "private"\n}\n`,
    console: setBucket("f3", { acl: "public-read" }),
    has: [`${BOM}# first line\nresource`, 'acl    = "public-read"'],
  },
  {
    id: "f4",
    form: "tabs and CRLF, not formatted: a value changed, a block added",
    code: 'resource "aws_s3_bucket" "f4" {\r\n\tbucket="f4-bucket"\r\n\tacl="private"   // who\r\n}\r\n',
    console: setBucket("f4", { acl: "public-read", versioning: [{ enabled: true }] }),
    has: [
      '\tbucket="f4-bucket"\r\n\tacl="public-read"   // who\r\n\r\n\tversioning {\r\n\t\tenabled = true\r\n\t}\r\n',
    ],
  },
  {
    id: "f5",
    form: "block on one line: its value changed",
    code: `${open("f5")}\n  versioning { enabled = true }\n}\n`,
    console: setBucket("f5", { versioning: [{ enabled: false }] }),
    has: ["  versioning { enabled = false }\n"],
  },
  {
    id: "f6",
    form: "resource on one line: an argument adopted",
    code: 'resource "aws_s3_bucket" "f6" { bucket = "f6-bucket" } # one\nresource "aws_s3_bucket" "f6_b" { bucket = "f6-b-bucket" } # two\n',
    console: setBucket("f6", { tags: { team: "a" } }),
    has: ['} # one\nresource "aws_s3_bucket" "f6_b" { bucket = "f6-b-bucket" } # two\n', "tags"],
  },
];
