"""Make what is taken to other platforms: Gradescope's autograder, and the template of a GitHub Classroom assignment.

In come the installed kit, a rubric and options. Out come files as bytes by their names, or a zip archive of them. On
Gradescope, `grader.bundles.run_autograder` then grades each submission.
"""
