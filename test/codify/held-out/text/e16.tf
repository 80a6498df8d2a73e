resource "aws_iam_role" "e16" {
  name        = "e16"
  description = "encoded"
  assume_role_policy = jsonencode(merge(
    { Version = "2012-10-17" },
    {
      Statement = [for s in ["ec2", "ecs-tasks"] : {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "${s}.amazonaws.com" }
      }]
    },
  ))
}
