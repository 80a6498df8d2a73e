resource "aws_ebs_volume" "e50_data" {
  availability_zone = "us-east-1a"
  size              = 10
  tags              = { Name = "e50" }
}

resource "aws_ebs_volume" "e50_copy" {
  availability_zone = aws_ebs_volume.e50_data.availability_zone
  size              = aws_ebs_volume.e50_data.size
  tags              = merge(aws_ebs_volume.e50_data.tags, { Name = "e50-copy", Of = "data" })
}
