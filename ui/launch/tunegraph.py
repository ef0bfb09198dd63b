"""What ``streamlit run`` is given. A folder of its own, because of what Streamlit makes of the folder of its script.

A folder ``pages`` beside it would be taken for pages by their files' names, before the application says which pages it
has; and all that is beside it could be imported by its bare name, in place of a library of that name.
"""

from ui.app import main

main()
