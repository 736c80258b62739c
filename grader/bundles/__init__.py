"""What is taken to other platforms: Gradescope's autograder, and the template of a GitHub Classroom assignment."""
