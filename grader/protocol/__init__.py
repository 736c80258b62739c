"""What crosses the wall between the grader and a submission's process; both sides import it.

It has the frames, the activations, what probe layers respond, the limits of replies, and the names that both sides use.
It decides nothing: the grader checks replies in ``candidate/``, and ``candidate/sandbox/`` runs submissions. These
modules import each other, Python's own modules and NumPy, and nothing else, because the sandbox must hold nothing else.

Requests and replies are frames (see ``frames``). Each request has an ``id``, which its reply repeats, and a ``verb``:

``read``
    Decode, parse and choose, but run nothing. ``files`` (name, name to show, size) and ``skeletons`` (name, size),
    the files that students receive; their bytes are the payload. ``main`` is the number of the file to examine, or
    null to have one chosen. The reply has ``main``, ``sha256``, ``cells`` (number, size) and ``helpers`` (number of
    the file, size), with their texts as its payload; or ``problem`` (``name`` and ``values``, see ``problems``), why
    there is nothing to examine; or ``bug``, a traceback of the kit's own code.
``load``
    Run the statements of a submission. ``file``, ``cells`` (label, size) and ``helpers`` (module, is_package, file,
    size) whose texts are the payload, and ``skip`` (the numbers of statements not to run). SIGALRM says that their
    time is over. Frames with ``at`` (the number of the statement that is about to run) come before the reply:
    ``classes``, ``syntax``, ``skipped``, ``output`` and ``output_cut``.
``show``
    Read a notebook, whose bytes are the payload, but run nothing. The reply has its ``cells``, with their contents as
    payload; or ``problem``, why it has none.
``backward``
    Cases of one layer and some steps. For each step, assign the parameters, then call ``forward`` and ``backward``.
    Numbers: for each case ``weights``, ``biases``, and for each step ``inputs``, ``da``, ``learning_rate``. The reply
    has, for each step, ``da_prev``, ``weights`` and ``biases``, and ``during``, the last call, and what it ``raised``.
    If a case is to be ``explained``, what it ``raised`` also has an ``account`` (so for ``fit`` and ``train``).
``forward``
    Cases of one layer. Numbers: ``weights``, ``biases``, ``inputs``. The reply has, for each, what ``forward``
    ``returned`` (null if it raised), and the arrays that the layer ``kept``, with the names of their attributes.
``fit``
    Cases of ``Perceptron.fit`` with probe layers; the steps of ``steady`` ones change nothing. Numbers:
    ``training_data``, ``labels``. The reply has each case's log of calls, and the printed lines that look like a loss.
``train``
    Cases of a network of the submission's own layers, trained by calls of ``fit``. Numbers: for each layer ``weights``
    and ``biases``, then ``training_data``, ``labels``, ``learning_rate``. The reply has the parameters after each call.

``edits``
    Cases ``of`` one of the three verbs above. The reply is theirs, and has small ``edits`` of the functions that were
    executed (kind, label, start, end, text, line): the text from one offset to another is replaced. If there are too
    many for a reply, it has those of the first ``kinds``.
``try``
    Cases ``of`` one of these verbs, run after each of ``trials``, which are lists of edits (label, start, end, text);
    the submission is as before afterwards. ``outcomes`` has for each trial the number of its replies, counted without
    those that are equal to earlier ones, or -1 if it gives no function or runs too many lines; then come these replies.
    ``lines`` is how many lines of the submission they ran, which are at most the ``lines`` of the request.

Before the first request, the sandbox sends a frame with ``id`` 0 that says which ``layers`` of the wall are up, or what
is ``missing``: a layer and the reason. Before the reply to a request of many cases, empty frames are signs of life.
Whatever a submission raises is a field of the reply (``raised``: type, text, label, line).
"""
